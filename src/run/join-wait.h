/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* join-wait: the caller's side of a command that has joined a sandbox: signals, streams, and its end. */
#pragma once

#include "run/monitor.h"

/* Signals to sbx are read from now on, and passed on by join_wait. */
int join_signals(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Until the process m->init, our child, has ended, and what it wrote has passed. Its status as a shell has it. */
int join_wait(struct monitor *m, int *ret_status, struct err *e) __attribute__((nonnull));
