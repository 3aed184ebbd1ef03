/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run: walks a plan to its end. The monitor's half; theory of operation at the top of run.c. */
#pragma once

#include "box/carry.h"
#include "session/measure.h"
#include "plan/plan.h"

enum verdict {
	VERDICT_OK,
	VERDICT_EXIT,
	VERDICT_SIGNAL,
	VERDICT_CPU_TIME,
	VERDICT_WALL_TIME,
	VERDICT_MEMORY,
	VERDICT_OUTPUT,
	VERDICT_PROCESSES,
	VERDICT_DISK,
	VERDICT_SYSCALL,
	VERDICT_INTERNAL,
};

struct denied_call {
	int number; /* native table */
	uint64_t count;
};

/* Of copies of files of the host. */
struct kept {
	unsigned saved;   /* how often a file of the host was replaced by what the command has saved */
	unsigned unsaved; /* files for which that could not be done at last */
	char why[512];    /* of the first of them; "" */
};

/* What happened; all times in nanoseconds, sizes in bytes; -1: not known. */
struct outcome {
	enum verdict verdict;
	unsigned hits; /* 1 << VERDICT_CPU_TIME and so on, of each limit that was reached, whichever made the verdict */
	int exit_code; /* -1: it did not exit */
	int signal;    /* 0: none */
	bool killed;   /* sbx ended it */
	bool asked;    /* sbx had a signal that asks for the end, which the command had, too */
	int interrupted; /* 0, or the signal to sbx by which it was ended: process.end-on-signal */
	bool executed;   /* the payload's exec has happened */
	int64_t wall, cpu, user, system, setup;
	int64_t executed_at, ended_at; /* CLOCK_MONOTONIC */
	int64_t memory_peak, max_rss, oom_kills;
	unsigned cpus;                          /* that sbx may use */
	const char *cpu_source, *memory_source; /* "cgroup2", "cgroup1", "rusage" */
	const char *limits_source;              /* "cgroup2", "cgroup1", "scope", "rlimits", "none" */
	int64_t processes_peak, processes_hits;
	int64_t minor_faults, major_faults, voluntary_switches, forced_switches; /* getrusage(2) */
	int64_t throttled;       /* time in which the share of the processor was used up */
	int64_t main_ran;        /* processor time of the command's main thread */
	int64_t waited;          /* time in which that thread was ready to run and had no processor */
	int64_t stolen;          /* time that the hypervisor took from the processors of sbx meanwhile */
	int suspect;             /* 1: the machine was too busy to trust the times; 0: it was not, or none is limited */
	int64_t stream_bytes[3]; /* of fd 1 and 2 that passed; [0] unused */
	bool stream_truncated[3];
	int64_t instructions;    /* in user mode, of the payload and all that it made; -1: not counted, or not known */
	unsigned services_ended; /* 1 << which service of the plan: it ended before the sandbox did */
	bool disk_full;
	bool box_full;
	bool session_known;
	struct session_size session; /* what all runs of it have written; of session_known */
	struct kept kept;
	struct carried *box;        /* what was kept of the box; owned; NULL: there is none */
	struct denied_call *denied; /* owned */
	size_t denied_count, denied_cap;
	int exec_errno; /* of the payload's exec, if that failed: status 126 or 127 */
};

struct templates; /* template.h */

/* Who wants to know. Zero-initialise. */
struct run_watch {
	void (*executed)(void *arg, pid_t init); /* the payload runs, under this pid 1; NULL: nobody */
	void *arg;
};

/* Runs the plan, in one of the templates if it can be done so (NULL: as a whole). Returns 0 with an outcome if the
 * payload ran, or could not be executed; negative if sbx failed: then nothing of the payload ran, or
 * (outcome->executed) it was ended. Nothing is left behind in either case. */
int run_plan(const struct plan *plan, struct templates *templates, struct outcome *ret, struct err *e)
	__attribute__((nonnull(1, 3, 4)));
int run_watched(const struct plan *plan, const struct run_watch *watch, struct outcome *ret, struct err *e)
	__attribute__((nonnull));
void outcome_done(struct outcome *outcome);
/* The exit status of sbx: see "EXIT STATUS" in sbx(1). */
int outcome_status(const struct outcome *outcome) __attribute__((nonnull));
