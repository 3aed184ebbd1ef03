/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* init: pid 1 of the sandbox. */
#pragma once

#include "plan/plan.h"

/* From outside the pid namespace: end all, count what they used, report. (SIGRTMAX is no constant in libc.) */
enum { INIT_SIGNAL_END = 64 };

/* What init takes over from the monitor that made it. */
struct init_start {
	const struct plan *plan;
	int status;   /* socket to the monitor */
	int stdio[3]; /* see struct sandbox */
	bool wait;    /* wait for the monitor's word: it maps ids or moves the process into cgroups */
};

/* Builds the sandbox, starts the payload, reaps until it ends. Never returns; the process was just cloned. */
void init_main(const struct init_start *start) __attribute__((noreturn, nonnull));
