/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* init: pid 1 of the sandbox. */
#pragma once

#include "plan/plan.h"

/* For whoever makes one, and may not. */
#define USER_NAMESPACES_HINT "this system restricts user namespaces; `sbxctl doctor` tells how to allow them"

/* From outside the pid namespace: end all, count what they used, report. (SIGRTMAX is no constant in libc.) */
enum { INIT_SIGNAL_END = 64 };

/* Memory for a process that shares all other memory with its maker. */
struct init_stack {
	char *low;
	size_t size; /* bytes */
};

/* What init takes over from the monitor that made it. */
struct init_start {
	const struct plan *plan;
	int status;           /* socket to the monitor */
	int monitor;          /* the monitor's end of it, which init must not keep; -1: it has not got it */
	int stdio[3];         /* see struct sandbox */
	int program;          /* sbx-init, opened */
	int image;            /* a mount that lies nowhere: that of a sealed image; -1 */
	bool wait;            /* wait for the monitor's word: it maps ids or moves the process into cgroups */
	const uint8_t *marks; /* NULL: the plan is done as a whole; else of each step: share.h */
	uint8_t share;        /* SHARE_TEMPLATE: only a template is made; SHARE_RUN: in one that was entered */
	const struct init_stack *payload_stack;
};

/* Sets what the running thread may do in the outer user namespace. */
int init_capabilities(uint64_t kept, struct err *e) __attribute__((nonnull));
/* Builds the sandbox, starts the payload, becomes sbx-init; `start` is a struct init_start. Never returns. To be called
 * in a process that was made by a vfork into all new namespaces. */
int init_main(void *start) __attribute__((noreturn, nonnull));
/* Makes a template: the steps that runs share. Sends its namespaces to the monitor and ends. */
int init_template_main(void *start) __attribute__((noreturn, nonnull));
