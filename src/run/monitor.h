/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* monitor: sbx itself while the sandbox lives. It never polls at a fixed pace. */
#pragma once

#include <sched.h>
#include <time.h>

#include "box/store.h"
#include "run/cgroup.h"
#include "run/keep.h"
#include "init/status.h"
#include "run/relay.h"
#include "run/run.h"
#include "run/sealed.h"
#include "run/services.h"
#include "run/terminal.h"

enum { RELAY_TERMINAL = 3, RELAYS }; /* 0 to 2: of that standard stream */

struct monitor {
	const struct plan *plan;
	struct outcome *outcome;
	const struct run_watch *watch;   /* NULL: nobody */
	const struct template *template; /* in which init is made; NULL: none */
	const uint8_t *marks;            /* of the plan's steps, as share is; NULL: all are done */
	uint8_t share;                   /* SHARE_TEMPLATE: one is made; SHARE_RUN: in one; 0: neither */
	char *stacks;                    /* of init and of the payload before its exec; until all are dead */
	pid_t init;                      /* -1 until it is born */
	int pidfd;                       /* of init; -1 until it is born */
	int status;                      /* socket to init; -1 when it has ended */
	int child_status;                /* init's end, until init has it */
	int child_program;               /* sbx-init, opened, until init has it */
	int child_stdio[3];              /* what init takes over, until init has it; see struct sandbox */
	int signals;                     /* signalfd */
	int listener;                    /* of denied system calls, and of those that open; -1 */
	struct opened *opened;           /* owned; NULL: nobody asks what is opened */
	int master;                      /* of the sandbox's terminal; -1 */
	struct store box;                /* on the host; STORE_NONE */
	int box_mount;                   /* in the sandbox, from init; -1 */
	int box_user;                    /* its outer user namespace, from init or of the template; -1 */
	int *layer;                      /* of an image, locked; owned */
	size_t layers;
	struct sealed sealed;
	struct services services;
	int session; /* the folder of one, locked; -1 */
	struct keep keep;
	struct cgroups groups;
	struct relay relay[RELAYS];
	int shown; /* the relay by which the sandbox's terminal is shown: 1 or 2 if that is one, else RELAY_TERMINAL */
	struct caller_terminal terminal;
	timer_t alarm; /* where time is limited: wakes a stopped monitor */
	bool has_alarm;
	int64_t wall_limit, cpu_limit; /* nanoseconds, when the sandbox is ended; -1: none */
	int64_t began, executed_at;    /* CLOCK_MONOTONIC */
	int64_t next_cpu_check;        /* CLOCK_MONOTONIC; when the limit could be reached at the earliest */
	int64_t setup_cpu_ns, init_cpu_ns;
	int64_t cpu_seen;  /* monitor_cpu when init was killed with the rest */
	cpu_set_t allowed; /* processors of the caller; none: they are not known */
	unsigned cpus;
	struct schedstat main_at_exec;
	int64_t stolen_at_exec;
	bool dies_with_caller;
	pid_t caller;       /* then; 0: it is in another pid namespace */
	int terminations;   /* SIGTERM and the like that were received */
	bool ended;         /* init reported the end */
	bool abandoned;     /* output that nobody takes is not waited for any more */
	int64_t abandon_by; /* CLOCK_MONOTONIC: from then on, since sbx ended the sandbox and all are dead */
	bool killing;
	int64_t kill_by; /* CLOCK_MONOTONIC: init has not answered by then: it is killed with the rest */
	enum verdict kill_verdict;
	struct err *failed; /* of run_plan: filled when a step fails */
};

#define MONITOR_NONE                                                                                                   \
	{                                                                                                              \
		.init = -1, .pidfd = -1, .status = -1, .child_status = -1, .child_program = -1,                        \
		.child_stdio = {-1, -1, -1}, .signals = -1, .listener = -1, .master = -1, .box = STORE_NONE,           \
		.box_mount = -1, .box_user = -1, .sealed = SEALED_NONE, .services = SERVICES_NONE, .session = -1,      \
		.keep = KEEP_NONE, .groups = CGROUPS_NONE, .relay = {RELAY_NONE, RELAY_NONE, RELAY_NONE, RELAY_NONE},  \
		.shown = RELAY_TERMINAL, .terminal = {.fd = -1}, .kill_by = INT64_MAX, .abandon_by = INT64_MAX,        \
		.next_cpu_check = INT64_MAX, .main_at_exec = SCHEDSTAT_UNKNOWN, .stolen_at_exec = -1                   \
	}

/* Files, pipes and terminals of fds 0 to 2, as the plan has them; fills child_stdio and relay. */
int monitor_stdio(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Waits until the sandbox is gone and all its output has passed. Fails if sbx failed, not if the payload did. */
int monitor_wait(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Ends the sandbox; the first reason stays. init is asked to do it, since only what init reaps is counted. */
void monitor_kill(struct monitor *m, enum verdict verdict) __attribute__((nonnull));
/* Without init: all at once, and what they used is only known to a cgroup. */
void monitor_kill_hard(struct monitor *m) __attribute__((nonnull));
/* When a limit has to be looked at next, by CLOCK_MONOTONIC; INT64_MAX: never. */
int64_t monitor_deadline(const struct monitor *m) __attribute__((nonnull));
/* Ends the sandbox if a time is over. */
void monitor_check_limits(struct monitor *m) __attribute__((nonnull));
/* Processor time of the payload and its descendants so far, in nanoseconds. */
int64_t monitor_cpu(const struct monitor *m) __attribute__((nonnull));
/* Would this signal end sbx? */
bool monitor_is_fatal(int sig);
/* A signal came in. */
void monitor_signal(struct monitor *m) __attribute__((nonnull));
/* A word for init: that it may go on, or make the payload. */
int monitor_go(const struct monitor *m, struct err *e) __attribute__((nonnull));
/* What comes out of the master, which is taken, is shown; what the caller types goes there. */
int monitor_show_terminal(struct monitor *m, int *master, struct err *e) __attribute__((nonnull));
/* A record of init came in. */
int monitor_status(struct monitor *m, struct err *e) __attribute__((nonnull));
