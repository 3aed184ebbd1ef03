/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* outcome: the verdict, from the facts alone. */
#pragma once

#include <sys/resource.h>

#include "run/run.h"

struct outcome_limits {
	int64_t cpu, wall; /* nanoseconds; -1: none */
	bool syscall_kill; /* a denied call kills */
	bool killed;       /* the monitor ended the sandbox, for: */
	enum verdict kill_verdict;
};

/* What was used, as the kernel counted it; `own_ns` of its system time are not the payload's. */
void outcome_use(struct outcome *outcome, const struct rusage *usage, int64_t own_ns) __attribute__((nonnull));
/* The limits that were reached; for outcome->hits. */
unsigned outcome_hits(const struct outcome *outcome, const struct outcome_limits *limits) __attribute__((nonnull));
/* 1: while a time was limited, others had so much of the processors that neither the times nor a verdict about them can
 * be trusted; see `suspect` in sbx(1). 0: not so much, or no time is limited; -1: nothing is known of it. */
int outcome_suspect(const struct outcome *outcome, const struct outcome_limits *limits) __attribute__((nonnull));
/* Precedence: memory, what the monitor killed for, processor time, wall time, system call, then how it ended. SIGXFSZ
 * and SIGXCPU are signals as any other: the kernel's look just like those that a program raises by hand, which must not
 * pass for a limit. "Verdicts" in sbx(1) is the same list. */
enum verdict outcome_verdict(const struct outcome *outcome, const struct outcome_limits *limits)
	__attribute__((nonnull));
