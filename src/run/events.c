/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* events: what the monitor does when something happens. */
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "run/cputime.h"
#include "init/init.h"
#include "run/monitor.h"
#include "run/opened.h"
#include "run/outcome.h"
#include "run/stolen.h"

enum { KILL_PATIENCE_NS = 500000000 };

void monitor_kill(struct monitor *m, enum verdict verdict)
{
	if (m->killing)
		return;
	m->killing = true;
	m->kill_verdict = verdict;
	m->kill_by = clock_ns(CLOCK_MONOTONIC) + KILL_PATIENCE_NS;
	sealed_stop(m);
	if (!m->outcome->executed)
		monitor_kill_hard(m);
	else
		(void)sys_pidfd_send_signal(m->pidfd, INIT_SIGNAL_END); /* ESRCH: it is gone already */
}

void monitor_kill_hard(struct monitor *m)
{
	sealed_stop(m);
	m->kill_by = INT64_MAX;
	cgroups_kill(&m->groups);
	/* init was not waited for yet if its pidfd does not say ESRCH, so that its pid is its own */
	if (sys_pidfd_send_signal(m->pidfd, SIGKILL) < 0 && errno != ESRCH)
		(void)kill(m->init, SIGKILL);
}

int64_t monitor_cpu(const struct monitor *m)
{
	int64_t used = cgroups_cpu(&m->groups);

	if (used >= 0)
		return used > m->setup_cpu_ns ? used - m->setup_cpu_ns : 0;
	return cputime_tree(m->init);
}

bool monitor_is_fatal(int sig)
{
	return sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT || sig == SIGABRT;
}

/* True if the signal has ended the sandbox, where the plan says that the first one does. */
static bool interrupt(struct monitor *m, int sig)
{
	if (!monitor_is_fatal(sig) || !plan_find(m->plan, STEP_END_ON_SIGNAL))
		return false;
	if (!m->killing)
		m->outcome->interrupted = sig;
	monitor_kill(m, VERDICT_SIGNAL);
	return true;
}

/* Stops this process until a SIGCONT, of which `ret` tells: of the caller's shell, or of the alarm, when a limit has to
 * be looked at. SIGTSTP waits while the alarm is set: a SIGCONT takes it back, so that none comes too early. False: we
 * can't be stopped, since there is no shell that would continue us. */
static bool stop(const struct monitor *m, siginfo_t *ret)
{
	int64_t until = monitor_deadline(m);
	const struct itimerspec never = {0}, then = {.it_value = {until / NS_PER_SECOND, until % NS_PER_SECOND}};
	const struct timespec now = {0};
	sigset_t stops, continues;

	(void)sigemptyset(&stops);
	(void)sigaddset(&stops, SIGTSTP);
	(void)sigemptyset(&continues);
	(void)sigaddset(&continues, SIGCONT);
	(void)kill(getpid(), SIGTSTP);
	if (until < INT64_MAX)
		(void)timer_settime(m->alarm, TIMER_ABSTIME, &then, NULL);
	(void)sigprocmask(SIG_UNBLOCK, &stops, NULL); /* here we stand still */
	(void)sigprocmask(SIG_BLOCK, &stops, NULL);
	if (until < INT64_MAX)
		(void)timer_settime(m->alarm, 0, &never, NULL);
	return sigtimedwait(&continues, ret, &now) == SIGCONT;
}

/* A signal that would end sbx waits to be read. */
static bool is_ending(void)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return false;
	for (int sig = 1; sig < NSIG; sig++)
		if (monitor_is_fatal(sig) && sigismember(&pending, sig) == 1)
			return true;
	return false;
}

/* What else the payload has started goes on, and its limits count: we wake for them, and stop again. */
static void stop_along(struct monitor *m)
{
	bool stopped, ours = false;
	siginfo_t info;

	terminal_restore(&m->terminal);
	do {
		stopped = stop(m, &info);
		monitor_check_limits(m);
		ours = terminal_is_ours(&m->terminal);
	} while (stopped && !m->killing && !(ours && info.si_code != SI_TIMER) && !is_ending());
	if (m->killing || !ours)
		relay_close(&m->relay[0]); /* to read from a terminal that is another's would stop us once more */
	else if (m->master >= 0)
		terminal_raw(&m->terminal);
	if (!stopped || m->killing)
		return;
	while (is_ending()) /* the payload has it before it goes on */
		monitor_signal(m);
	(void)sys_pidfd_send_signal(m->pidfd, SIGCONT);
}

/* A caller in another pid namespace (nsenter, docker exec) is none to whom we could be compared: then what comes from
 * there is taken for its end. */
static bool is_callers_end(const struct monitor *m, const struct signalfd_siginfo *info)
{
	if (!m->dies_with_caller)
		return false;
	return m->caller ? getppid() != m->caller : info->ssi_pid == 0;
}

void monitor_signal(struct monitor *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof info) != sizeof info)
		return;
	if (m->ended) { /* nobody is left to have it */
		m->abandoned |= monitor_is_fatal((int)info.ssi_signo);
		return;
	}
	if (interrupt(m, (int)info.ssi_signo))
		return;
	switch ((int)info.ssi_signo) {
	case SIGWINCH:
		if (m->master >= 0)
			terminal_resize(&m->terminal, m->master);
		else
			(void)sys_pidfd_send_signal(m->pidfd, SIGWINCH);
		break;
	case SIGTSTP:
		(void)sys_pidfd_send_signal(m->pidfd, SIGTSTP);
		stop_along(m);
		break;
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
	case SIGABRT:
		/* the second one ends it whatever the payload does with the first, and so does the caller's end */
		if (!m->outcome->executed || m->terminations++ || is_callers_end(m, &info))
			monitor_kill(m, VERDICT_SIGNAL);
		m->outcome->signal = (int)info.ssi_signo;
		(void)sys_pidfd_send_signal(m->pidfd, (int)info.ssi_signo);
		break;
	default:
		(void)sys_pidfd_send_signal(m->pidfd, (int)info.ssi_signo);
	}
}

static int failed(struct monitor *m, const struct status *status, struct err *e)
{
	*e = status->err;
	m->outcome->exec_errno = status->exec_errno;
	return -(e->code ? e->code : EIO);
}

/* /proc/stat is a long text on a large machine: it is read only for those who will judge by time. */
static bool is_timed(const struct monitor *m)
{
	return m->cpu_limit >= 0 || m->wall_limit >= 0;
}

/* The payload runs: the clocks of its limits start. */
static void executed(struct monitor *m, const struct status *status)
{
	m->outcome->executed = true;
	m->executed_at = m->outcome->executed_at = status->time_ns;
	m->setup_cpu_ns = status->setup_cpu_ns;
	m->init_cpu_ns = status->init_cpu_ns;
	m->outcome->setup = status->time_ns - m->began;
	m->main_at_exec = status->main;
	if (is_timed(m))
		m->stolen_at_exec = stolen_ns(&m->allowed);
	if (m->watch && m->watch->executed)
		m->watch->executed(m->watch->arg, m->init);
	m->next_cpu_check = m->cpu_limit < 0 ? INT64_MAX : status->time_ns + m->cpu_limit / m->cpus;
}

/* What the exec of sbx-init took is no time of the payload. */
static void serving(struct monitor *m, const struct status *status)
{
	m->setup_cpu_ns += status->init_cpu_ns - m->init_cpu_ns;
	m->init_cpu_ns = status->init_cpu_ns;
}

/* The part of the time that others had. */
static void waited(struct monitor *m, const struct status *status)
{
	const struct schedstat *from = &m->main_at_exec, *to = &status->main;
	int64_t stolen = m->stolen_at_exec < 0 ? -1 : stolen_ns(&m->allowed);

	if (stolen >= 0)
		m->outcome->stolen = stolen - m->stolen_at_exec;
	if (from->ran_ns < 0 || to->ran_ns < 0)
		return;
	/* a thread that has executed another program is the main one from then on, with what was counted for it */
	m->outcome->main_ran = to->ran_ns > from->ran_ns ? to->ran_ns - from->ran_ns : 0;
	m->outcome->waited = to->waited_ns > from->waited_ns ? to->waited_ns - from->waited_ns : 0;
}

static void ended(struct monitor *m, const struct status *status)
{
	struct outcome *out = m->outcome;

	m->ended = true;
	out->wall = status->time_ns - m->executed_at;
	out->ended_at = status->time_ns;
	out->signal = status->signal;
	out->exit_code = status->signal ? -1 : status->exit_code;
	out->disk_full = status->disk_full;
	out->instructions = status->counted;
	waited(m, status);
}

int monitor_show_terminal(struct monitor *m, int *master, struct err *e)
{
	struct relay *shown = &m->relay[m->shown];

	/* the command may be deaf, or empty its output between poll(2) and the read: neither may hold the monitor */
	if (fcntl(*master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_errno(e, errno, "make a terminal that never blocks");
	shown->from = fcntl(*master, F_DUPFD_CLOEXEC, 3);
	if (shown->from < 0)
		return err_errno(e, errno, "duplicate the terminal");
	m->master = take_fd(master);
	if (shown->to < 0) /* none of the caller's streams is one: nobody looks at it */
		shown->to = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (shown->to < 0)
		return err_errno(e, errno, "open /dev/null");
	shown->copy = true;
	if (m->terminal.fd >= 0) {
		m->relay[0].from = fcntl(m->terminal.fd, F_DUPFD_CLOEXEC, 3);
		if (m->relay[0].from < 0)
			return err_errno(e, errno, "duplicate the terminal");
		m->relay[0].to = m->master;
		m->relay[0].to_terminal = m->relay[0].copy = true;
		terminal_resize(&m->terminal, m->master);
		terminal_raw(&m->terminal);
	}
	return 0;
}

int monitor_go(const struct monitor *m, struct err *e)
{
	/* EPIPE: it has ended, and has said why */
	return send(m->status, "", 1, MSG_NOSIGNAL) == 1 || errno == EPIPE ? 0
									   : err_errno(e, errno, "tell init to go on");
}

int monitor_status(struct monitor *m, struct err *e)
{
	struct status status;
	autoclose int fd = -1;
	int r = status_receive(m->status, &status, &fd);

	if (r == -EAGAIN)
		return 0;
	if (r < 0)
		return err_errno(e, -r, "hear from the sandbox's init");
	if (r == 0) { /* init is gone; the pidfd tells the rest */
		mem_close_ptr(&m->status);
		m->status = -1;
		return 0;
	}
	switch (status.type) {
	case STATUS_BORN:
	case STATUS_NAMESPACE: /* only of the maker of a template, whom template.c hears */
		return 0;
	case STATUS_FAILED:
		return failed(m, &status, e);
	case STATUS_USER_NAMESPACE:
		mem_close_ptr(&m->box_user);
		m->box_user = take_fd(&fd);
		return 0;
	case STATUS_BOX:
		mem_close_ptr(&m->box_mount);
		m->box_mount = take_fd(&fd);
		return 0;
	case STATUS_TERMINAL:
		return fd >= 0 ? monitor_show_terminal(m, &fd, e)
			       : err_set(e, EIO, "the sandbox's terminal did not arrive");
	case STATUS_EXECUTED:
		executed(m, &status);
		m->listener = take_fd(&fd);
		opened_command(m, status.exec_folder);
		return 0;
	case STATUS_SERVING:
		serving(m, &status);
		return 0;
	case STATUS_STOPPED:
		if (m->terminal.raw)
			stop_along(m);
		return 0;
	case STATUS_ENDED:
		serving(m, &status);
		ended(m, &status);
		outcome_use(m->outcome, &status.usage, 0);
		mem_close_ptr(&m->status); /* its last words */
		m->status = -1;
		return 0;
	}
	return 0;
}
