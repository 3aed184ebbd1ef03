/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation.
 *
 * run_plan is the monitor: the caller's own process, with the caller's rights and no others. It prepares (folders of
 * the host, cgroups, pipes for the standard streams), makes init by one clone3 into all new namespaces and does
 * for it what only the caller can (spawn.c), and then only waits (monitor.c). init (init/init.c) walks the plan
 * and makes the payload. Two channels connect them: a SOCK_SEQPACKET pair for records of init (status.h), of which the
 * payload never has an end, and init's pidfd, which is readable only when all processes of the sandbox are dead. */
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "plan/share.h"
#include "run/box.h"
#include "run/image.h"
#include "run/instance.h"
#include "run/overlay.h"
#include "run/monitor.h"
#include "run/opened.h"
#include "run/orphans.h"
#include "run/outcome.h"
#include "run/prepare.h"
#include "run/spawn.h"
#include "run/template.h"

/* -1: there is none. What is used above it is judged; at the hard one the sandbox is ended. */
static int64_t limit_of(const struct plan *plan, enum step_kind kind, bool hard)
{
	const struct step *step = plan_find(plan, kind);

	return step ? (int64_t)(hard ? step->m : step->n) : -1;
}

/* Signals are taken by signalfd; all are blocked in init too until it waits for them itself. */
static int take_signals(struct monitor *m, struct err *e)
{
	static const int taken[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT, SIGABRT,
				    SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < countof(taken); i++)
		(void)sigaddset(&set, taken[i]);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return err_errno(e, errno, "block signals");
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals >= 0 ? 0 : err_errno(e, errno, "signalfd");
}

/* Made before the payload is there, which could use up what the caller may have of pending signals. */
static int make_alarm(struct monitor *m, struct err *e)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT};

	if (m->wall_limit < 0 && m->cpu_limit < 0)
		return 0;
	if (timer_create(CLOCK_MONOTONIC, &event, &m->alarm) < 0)
		return err_errno(e, errno, "make a timer");
	m->has_alarm = true;
	return 0;
}

static int open_program(struct monitor *m, struct err *e)
{
	const struct step *program = plan_find(m->plan, STEP_INIT_PROGRAM);

	if (!program)
		return err_set(e, EINVAL, "the plan names no init");
	m->child_program = open(plan_text(m->plan, program->a), O_PATH | O_CLOEXEC);
	if (m->child_program >= 0)
		return 0;
	(void)err_errno(e, errno, "open '%s'", plan_text(m->plan, program->a));
	return err_hint(e, "it belongs to sbx: is the installation complete?");
}

/* How the sandbox will be ended must work before anything needs to be. */
static int check_pidfd(struct err *e)
{
	autoclose int self = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (self >= 0 && sys_pidfd_send_signal(self, 0) == 0)
		return 0;
	(void)err_errno(e, errno, "look whether processes can be ended by pidfd_send_signal");
	if (e->code == ENOSYS || e->code == EPERM)
		return err_hint(e, "sbx needs Linux 5.14 or newer, and a container that allows pidfd_send_signal");
	return -e->code;
}

static int prepare(struct monitor *m, struct err *e)
{
	const struct step *output = plan_find(m->plan, STEP_OUTPUT_SIZE);
	int pair[2], r;

	m->wall_limit = limit_of(m->plan, STEP_WALL_TIME, true);
	m->cpu_limit = limit_of(m->plan, STEP_CPU_TIME, true);
	/* where it is not known: many, so that the time that is left is looked at too often, not too late */
	m->cpus = sched_getaffinity(0, sizeof m->allowed, &m->allowed) == 0 ? (unsigned)CPU_COUNT(&m->allowed)
									    : CPU_SETSIZE;
	m->dies_with_caller = plan_find(m->plan, STEP_DIE_WITH_CALLER);
	m->caller = getppid();
	r = take_signals(m, e);
	if (r == 0)
		r = make_alarm(m, e);
	if (r == 0) /* whose mount points come next */
		r = keep_open(m, e);
	if (r == 0)
		r = prepare_host(m->plan, e);
	if (r == 0)
		r = services_start(m, e); /* they make themselves ready meanwhile */
	if (r == 0)
		r = box_open(m, e);
	if (r == 0)
		r = image_hold(m, e);
	if (r == 0)
		r = sealed_open(m, e);
	if (r == 0)
		r = opened_begin(m, e);
	if (r == 0)
		r = overlays_open(m, e);
	if (r == 0)
		r = orphans_expect(m->plan, e);
	if (r == 0)
		r = monitor_stdio(m, e);
	if (r < 0)
		return r;
	if (output)
		m->relay[1].limit = m->relay[2].limit = m->relay[RELAY_TERMINAL].limit = (int64_t)output->n;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	m->status = pair[0];
	m->child_status = pair[1];
	r = open_program(m, e);
	if (r == 0)
		r = check_pidfd(e);
	if (r == 0)
		r = cgroups_create(m->plan, &m->groups, e);
	return r < 0 ? r : services_wait(m, false, e);
}

static void measure(struct monitor *m)
{
	struct outcome *out = m->outcome;
	const char *version = cgroups_clone_fd(&m->groups) >= 0 ? "cgroup2" : "cgroup1";
	struct cgroup_usage usage;

	cgroups_usage(&m->groups, &usage);
	out->oom_kills = usage.oom_kills;
	out->processes_peak = usage.processes_peak;
	out->processes_hits = usage.processes_hits;
	out->throttled = usage.throttled_ns;
	out->memory_peak = usage.memory_peak >= 0 ? usage.memory_peak : out->max_rss;
	out->memory_source = usage.memory_peak < 0 ? "rusage" : version;
	out->cpu_source = usage.cpu_ns < 0 ? "rusage" : version;
	out->limits_source = cgroups_clone_fd(&m->groups) >= 0 ? (m->groups.scope_keeper ? "scope" : "cgroup2")
			     : m->groups.count                 ? "cgroup1"
			     : plan_find(m->plan, STEP_RLIMIT) ? "rlimits"
							       : "none";
	out->cpu = usage.cpu_ns >= 0 ? usage.cpu_ns - m->setup_cpu_ns : out->user + out->system;
	if (out->cpu < 0)
		out->cpu = 0;
	if (out->cpu < m->cpu_seen) {
		out->cpu = m->cpu_seen;
		out->user = out->system = -1;
	}
	out->box_full = box_is_full(m);
	out->session_known = m->session >= 0 && session_measure(m->session, &out->session) == 0;
	for (int fd = 1; fd < 3; fd++) {
		out->stream_bytes[fd] = m->relay[fd].passed;
		out->stream_truncated[fd] = m->relay[fd].truncated;
	}
}

static void judge(struct monitor *m)
{
	struct outcome_limits limits = {
		.cpu = limit_of(m->plan, STEP_CPU_TIME, false),
		.wall = limit_of(m->plan, STEP_WALL_TIME, false),
		.syscall_kill = plan_find(m->plan, STEP_FILTER) != NULL,
		.killed = m->killing,
		.kill_verdict = m->kill_verdict,
	};

	m->outcome->killed = m->killing || m->outcome->oom_kills > 0;
	m->outcome->asked = m->terminations > 0;
	m->outcome->verdict = outcome_verdict(m->outcome, &limits);
	m->outcome->hits = outcome_hits(m->outcome, &limits);
	m->outcome->cpus = m->cpus;
	m->outcome->suspect = outcome_suspect(m->outcome, &limits);
	if (m->outcome->killed) {
		m->outcome->exit_code = -1;
		m->outcome->signal = SIGKILL;
	}
}

/* Whatever happened: nothing is left behind. */
static int finish(struct monitor *m, int r, struct err *e)
{
	struct err more = {0};
	int left;

	if (r < 0 && !m->outcome->executed)
		sealed_explain(m, e);
	if (m->pidfd >= 0 && r < 0)
		monitor_kill_hard(m);
	mem_close_ptr(&m->status); /* an init that could not be killed ends for want of a word */
	m->status = -1;
	if (m->init > 0 && r < 0)
		while (waitpid(m->init, NULL, __WALL) < 0 && errno == EINTR)
			;
	if (m->init > 0)
		orphans_end(m->plan);
	keep_end(m, false);
	keep_close(m);
	if (m->has_alarm)
		(void)timer_delete(m->alarm);
	terminal_restore(&m->terminal);
	services_end(m);
	instance_end(m);
	sealed_end(m);
	box_close(m);
	image_let_go(m);
	opened_end(m);
	mem_close_ptr(&m->session);
	for (int i = 0; i < RELAYS; i++)
		relay_close(&m->relay[i]);
	int *fds[] = {&m->pidfd,  &m->child_program, &m->child_status,   &m->signals,        &m->listener,
		      &m->master, &m->terminal.fd,   &m->child_stdio[0], &m->child_stdio[1], &m->child_stdio[2]};
	for (size_t i = 0; i < countof(fds); i++)
		mem_close_ptr(fds[i]);
	left = cgroups_remove(&m->groups, &more);
	if (left < 0 && r == 0)
		*e = more;
	return r < 0 ? r : left;
}

/* Where there are templates, and the plan can be done in one. */
static void find_template(struct monitor *m, struct templates *templates, uint8_t *marks)
{
	struct err why_not = {0};

	if (!templates || share_marks(m->plan, marks, &why_not) < 0)
		return;
	m->template = templates_get(templates, m->plan, marks);
	if (m->template) {
		m->marks = marks;
		m->share = SHARE_RUN;
	}
}

static int run_all(const struct plan *plan, struct templates *templates, const struct run_watch *watch,
		   struct outcome *ret, struct err *e)
{
	autofree uint8_t *marks = xcalloc(plan->count, 1);
	struct monitor m = MONITOR_NONE;
	int r;

	*ret = (struct outcome){.verdict = VERDICT_INTERNAL,
				.exit_code = -1,
				.oom_kills = -1,
				.processes_peak = -1,
				.processes_hits = -1,
				.memory_peak = -1,
				.minor_faults = -1,
				.major_faults = -1,
				.voluntary_switches = -1,
				.forced_switches = -1,
				.instructions = -1,
				.throttled = -1,
				.main_ran = -1,
				.waited = -1,
				.stolen = -1,
				.suspect = -1,
				.cpu_source = "rusage",
				.memory_source = "rusage",
				.limits_source = "none"};
	m.plan = plan;
	m.outcome = ret;
	m.watch = watch;
	m.began = clock_ns(CLOCK_MONOTONIC);
	find_template(&m, templates, marks);
	if (templates)
		m.stacks = take(templates->stacks);
	r = prepare(&m, e);
	if (r == 0)
		r = spawn_init(&m, e);
	if (r == 0)
		r = keep_watch(&m, e);
	if (r == 0)
		r = monitor_wait(&m, e);
	if (m.outcome->executed && r == 0) {
		measure(&m);
		judge(&m);
		keep_end(&m, m.outcome->exit_code >= 0 && !m.outcome->killed);
		r = box_keep(&m, e);
		if (r == 0)
			r = opened_write(&m, e);
		if (r < 0)
			ret->verdict = VERDICT_INTERNAL;
	}
	if (r < 0 && ret->exec_errno)
		(void)finish(&m, r, e);
	else
		r = finish(&m, r, e);
	if (templates)
		templates->stacks = m.stacks; /* all that was in them is dead */
	else
		spawn_free_stacks(m.stacks);
	return r;
}

int run_plan(const struct plan *plan, struct templates *templates, struct outcome *ret, struct err *e)
{
	return run_all(plan, templates, NULL, ret, e);
}

int run_watched(const struct plan *plan, const struct run_watch *watch, struct outcome *ret, struct err *e)
{
	return run_all(plan, NULL, watch, ret, e);
}
