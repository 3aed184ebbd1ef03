/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* True if this process came through the gate; false if it was started as an ordinary program. */
bool gate_passed(void);
/* gate/cgroup.c: puts the running process into a cgroup v2 of the caller's. Where that can't be had nothing is done:
 * the launcher, which knows whether a limit is asked for, tells. */
void gate_cgroup(unsigned uid, unsigned gid);
