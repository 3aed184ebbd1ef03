/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* init, pid 1 of the sandbox.
 *
 * On the host it is the caller; in the outer user namespace it is root until SET_IDS or the payload's start. It walks
 * the steps of its own, makes the payload by a vfork into the inner user namespace (the payload walks its steps in
 * init's memory, so that a failure needs no channel of its own), then closes all it does not need and only waits:
 *   - for children: it reaps everything that is left to it, and reports the payload's stops and its end;
 *   - for signals from outside its pid namespace (si_pid 0), which it passes to the payload.
 * When the payload has ended it kills and reaps all that is left, reports, and exits; the kernel then ends the
 * namespace. */
#include "run/init.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "run/steps.h"

enum { PAYLOAD_STACK = 256 * 1024, INIT_FAILED = 125 };

static void report(const struct sandbox *s, const struct status *status, int fd)
{
	if (status_send(s->status, status, fd) < 0)
		_exit(INIT_FAILED); /* nobody is there to hear: the namespace ends with us */
}

static void fail(struct sandbox *s, int step, int exec_errno, const struct err *e) __attribute__((noreturn));
static void fail(struct sandbox *s, int step, int exec_errno, const struct err *e)
{
	struct status status = {.type = STATUS_FAILED, .step = step, .exec_errno = exec_errno, .err = *e};

	report(s, &status, -1);
	_exit(INIT_FAILED);
}

/* The monitor says one byte when ids are mapped and cgroups entered, and one when it waits for events: before that no
 * payload is made, so that a monitor that fails leaves nothing that ran. It closes the socket when it dies. */
static int wait_for_word(int socket, struct err *e)
{
	char word;
	ssize_t n;

	do
		n = recv(socket, &word, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : err_set(e, EPIPE, "sbx ended before the sandbox was ready");
}

/* An ordinary caller is the only id of the outer user namespace, and maps itself. */
static int map_own_id(const struct plan *plan, struct err *e)
{
	const struct step *map = plan_find(plan, STEP_ID_MAP);
	int r;

	if (!map || map->n)
		return 0;
	r = fd_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/uid_map", plan_text(plan, map->a));
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/gid_map", plan_text(plan, map->b));
	if (r == 0)
		return 0;
	(void)err_errno(e, -r, "map the caller's id");
	return err_hint(e, r == -ENOENT
				   ? "sbx needs /proc to be mounted"
				   : "this system restricts user namespaces; `sbxctl doctor` tells how to allow them");
}

static int ready(const struct sandbox *s, struct err *e)
{
	const struct status status = {.type = STATUS_READY};
	int r = status_send(s->status, &status, -1);

	return r < 0 ? err_errno(e, -r, "tell sbx that init is there") : 0;
}

static int prepare(struct sandbox *s, const struct init_start *start, struct err *e)
{
	struct pollfd alive = {.fd = s->status, .events = POLLIN};
	int r;

	/* die with the monitor; it may have died before the first line, then the socket has ended */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, errno, "prctl");
	r = poll(&alive, 1, 0);
	if (r < 0)
		return err_errno(e, errno, "look whether sbx is alive");
	if (r > 0 && alive.revents & POLLHUP)
		return err_set(e, EPIPE, "sbx ended");
	r = start->wait ? wait_for_word(s->status, e) : 0;
	if (r == 0)
		r = map_own_id(s->plan, e);
	if (r < 0)
		return r;
	s->start_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	/* every mode in the plan is meant as it stands there; the kernel never refuses, but a filter around sbx may */
	if (umask(0) == (mode_t)-1)
		return err_errno(e, errno, "set the umask of init");
	/* the monitor answers while the sandbox is built; the terminal, if there is one, is what it answers then */
	return plan_find(s->plan, STEP_TERMINAL) ? 0 : ready(s, e);
}

/* Standard fds as the plan has them: a pipe of the monitor, the sandbox's own terminal, or its own /dev/null. */
static int take_stdio(struct sandbox *s, struct err *e)
{
	for (int fd = 0; fd < 3; fd++) {
		autoclose int null = -1;
		int from = s->stdio[fd];

		if (from == -1)
			from = null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
		else if (from == -2)
			from = s->terminal;
		if (from < 0 || dup2(from, fd) < 0)
			return err_errno(e, errno, "set up fd %d", fd);
		if (null == fd)
			null = -1;
	}
	return 0;
}

static int payload_signals(const struct sandbox *s, struct err *e)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;

	if (setpgid(0, 0) < 0)
		return err_errno(e, errno, "make the payload's process group");
	if (s->terminal >= 0 && tcsetpgrp(s->terminal, getpid()) < 0) /* SIGTTOU is blocked here */
		return err_errno(e, errno, "give the terminal to the payload's process group");
	(void)sigemptyset(&none);
	if (sigaction(SIGPIPE, &plain, NULL) < 0 || sigaction(SIGXFSZ, &plain, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return err_errno(e, errno, "give the payload plain signals");
	return 0;
}

/* Runs in init's memory, until the exec. */
static int payload_main(void *arg)
{
	struct sandbox *s = arg;
	int step = -1;

	if (payload_signals(s, &s->err) == 0)
		(void)walk(s, ACTOR_PAYLOAD, &step, &s->err);
	s->failed_step = step;
	_exit(INIT_FAILED);
}

/* The vfork returns at the payload's exec, and as well when it ends before, by its own hand or by a signal. */
static int check_payload(struct sandbox *s)
{
	if (s->err.code)
		return -s->err.code;
	return s->exec_time_ns ? 0 : err_set(&s->err, EIO, "the payload's process ended before its exec");
}

static pid_t start_payload(struct sandbox *s, struct err *e)
{
	int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;
	pid_t pid;
	char *stack = mmap(NULL, PAYLOAD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return err_errno(e, errno, "make a stack for the payload");
	if (plan_find(s->plan, STEP_INNER_USER))
		flags |= CLONE_NEWUSER;
	pid = clone(payload_main, stack + PAYLOAD_STACK, flags, s);
	if (pid < 0)
		return err_errno(e, errno, "make the payload's process");
	return pid;
}

static void executed(struct sandbox *s)
{
	int64_t own = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct status status = {
		.type = STATUS_EXECUTED,
		.time_ns = s->exec_time_ns,
		.setup_cpu_ns = own - s->start_cpu_ns + s->payload_cpu_ns,
		.init_cpu_ns = own,
	};

	report(s, &status, s->listener);
}

/* Nothing else that init held for its work stays open: not the payload's streams, not the monitor's pipes, not the
 * proc. */
static void close_all_but_needed(struct sandbox *s)
{
	if (dup2(s->status, 0) < 0 || (s->scratch >= 0 && dup2(s->scratch, 1) < 0) ||
	    sys_close_range(s->scratch >= 0 ? 2 : 1, ~0U, 0) < 0)
		_exit(INIT_FAILED);
	s->status = 0;
	if (s->scratch >= 0)
		s->scratch = 1;
}

static bool disk_full(const struct sandbox *s)
{
	struct statfs fs;

	return s->scratch >= 0 && fstatfs(s->scratch, &fs) == 0 && (fs.f_bfree == 0 || fs.f_ffree == 0);
}

static void ended(struct sandbox *s, int wait_status)
{
	struct status status = {.type = STATUS_ENDED, .time_ns = clock_ns(CLOCK_MONOTONIC)};

	status.disk_full = disk_full(s);
	if (kill(-1, SIGKILL) < 0 && errno != ESRCH) /* all but ourselves */
		_exit(INIT_FAILED);
	while (wait4(-1, NULL, __WALL, NULL) >= 0 || errno == EINTR)
		;
	if (errno != ECHILD)
		_exit(INIT_FAILED);
	if (WIFSIGNALED(wait_status))
		status.signal = WTERMSIG(wait_status);
	else
		status.exit_code = WEXITSTATUS(wait_status);
	if (getrusage(RUSAGE_CHILDREN, &status.usage) < 0)
		_exit(INIT_FAILED);
	report(s, &status, -1);
	_exit(0);
}

static void reap(struct sandbox *s, pid_t payload)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != payload)
			continue;
		if (WIFSTOPPED(wait_status)) {
			struct status status = {.type = STATUS_STOPPED, .signal = WSTOPSIG(wait_status)};

			report(s, &status, -1);
		} else {
			ended(s, wait_status);
		}
	}
	if (pid < 0 && errno != EINTR) /* not ECHILD either: the payload is a child until it is reaped */
		_exit(INIT_FAILED);
}

static void serve(struct sandbox *s, pid_t payload, const sigset_t *signals)
{
	for (;;) {
		siginfo_t info;
		int sig = sigwaitinfo(signals, &info);

		if (sig < 0 && errno != EINTR)
			_exit(INIT_FAILED);
		if (sig == SIGCHLD)
			reap(s, payload);
		else if (sig == INIT_SIGNAL_END && info.si_pid == 0)
			ended(s, SIGKILL);
		else if (sig == SIGCONT && info.si_pid == 0)
			(void)kill(-payload, SIGCONT);
		else if (sig > 0 && info.si_pid == 0) /* from outside; what the payload sends us is its own affair */
			(void)kill(payload, sig);
	}
}

void init_main(const struct init_start *start)
{
	struct sandbox s = {
		.plan = start->plan,
		.root = NEW_ROOT_NONE,
		.scratch = -1,
		.proc = -1,
		.proc_writable = -1,
		.status = start->status,
		.terminal = -1,
		.landlock = -1,
		.listener = -1,
		.failed_step = -1,
	};
	struct err e = {0};
	sigset_t all;
	int step = -1;
	pid_t payload;

	memcpy(s.stdio, start->stdio, sizeof s.stdio);
	(void)sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0) { /* blocked, not ignored: sigwaitinfo takes them */
		(void)err_errno(&e, errno, "block signals in init");
		fail(&s, step, 0, &e);
	}
	if (prepare(&s, start, &e) < 0 || walk(&s, ACTOR_INIT, &step, &e) < 0 || take_stdio(&s, &e) < 0 ||
	    wait_for_word(s.status, &e) < 0)
		fail(&s, step, 0, &e);
	payload = start_payload(&s, &e);
	if (payload < 0)
		fail(&s, -1, 0, &e);
	if (check_payload(&s) < 0)
		fail(&s, s.failed_step, s.exec_errno, &s.err);
	if (init_capabilities(0, &e) < 0)
		fail(&s, -1, 0, &e); /* and the payload ends with init */
	executed(&s);
	close_all_but_needed(&s);
	serve(&s, payload, &all);
	_exit(INIT_FAILED);
}
