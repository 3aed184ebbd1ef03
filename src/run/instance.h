/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* instance: what portals read to find the processes of a sandbox: a file with the pid of its init, in a folder of the
 * caller's whose name they were told. Portals before 1.17 do without. */
#pragma once

#include "base/err.h"

struct monitor;

/* Writes it, if the plan has one; init is born. What killed ones have left is removed. */
int instance_tell(const struct monitor *m, struct err *e) __attribute__((nonnull));
void instance_end(const struct monitor *m) __attribute__((nonnull));
