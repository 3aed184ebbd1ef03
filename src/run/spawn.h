/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spawn: the making of init. */
#pragma once

#include "run/monitor.h"

/* Makes init and does for it what only a process outside can; fills init, pidfd, and, if there is one, the terminal.
 * Returns when init is sbx-init and the payload runs, when it has ended, or when it could not be made. */
int spawn_init(struct monitor *m, struct err *e) __attribute__((nonnull));
/* What the processes of a sandbox begin in, when all of them are dead; NULL: nothing. */
void spawn_free_stacks(char *stacks);
