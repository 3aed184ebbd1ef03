/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prepare: the state that sbx inherits from its caller, and the host's folders that a plan asks for. */
#pragma once

#include "plan/plan.h"

/* To be called first of all: signals, fds 0 to 2, inherited fds. */
int prepare_process(struct err *e) __attribute__((nonnull));
/* The HOST_MKDIR, HOST_FILE and DIE_WITH_CALLER steps. */
int prepare_host(const struct plan *plan, struct err *e) __attribute__((nonnull));
