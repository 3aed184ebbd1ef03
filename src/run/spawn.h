/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spawn: the making of init. */
#pragma once

#include "run/monitor.h"

/* Makes init and does for it what only a process outside can; fills init, pidfd, and, if there is one, the terminal.
 * Returns when init is sbx-init and the payload runs, when it has ended, or when it could not be made. */
int spawn_init(struct monitor *m, struct err *e) __attribute__((nonnull));
/* When all processes of the sandbox are dead: frees what they began in. */
void spawn_done(struct monitor *m) __attribute__((nonnull));
