/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* init, pid 1 of the sandbox, while it is built.
 *
 * On the host it is the caller; in the outer user namespace it is root until SET_IDS or the payload's start. It is made
 * by a vfork of the monitor, since a copy of the monitor's memory would cost more than all that is done here: until it
 * executes sbx-init or ends it runs in that memory, beside a thread of the monitor (run/spawn.c). So nothing here
 * allocates memory (a lock of malloc would stay taken if it were killed), changes ids by functions of libc, or keeps
 * state outside its stack.
 *
 * It walks the steps of its own, makes the payload by a vfork into the inner user namespace (the payload walks its
 * steps in the same memory, so that a failure needs no channel of its own), and then becomes sbx-init. */
#include "init/init.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/raw.h"
#include "base/sys.h"
#include "init/many-ids.h"
#include "init/steps.h"
#include "plan/share.h"

enum { INIT_FAILED = 125 };

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

/* The monitor says one byte when ids are mapped and cgroups entered, and one when the payload may be made. It closes
 * the socket when it dies. */
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
	return err_hint(e, r == -ENOENT ? "sbx needs /proc to be mounted" : USER_NAMESPACES_HINT);
}

static int born(const struct sandbox *s, struct err *e)
{
	const struct status status = {.type = STATUS_BORN};
	int r = status_send(s->status, &status, -1);

	return r < 0 ? err_errno(e, -r, "tell sbx that init is there") : 0;
}

int die_with_monitor(const struct sandbox *s, struct err *e)
{
	struct pollfd alive = {.fd = s->status, .events = POLLIN};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, errno, "prctl");
	/* it may have died before; then the socket has ended */
	while (poll(&alive, 1, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "look whether sbx is alive");
	return alive.revents & POLLHUP ? err_set(e, EPIPE, "sbx ended") : 0;
}

static int prepare(struct sandbox *s, const struct init_start *start, struct err *e)
{
	int r;

	if (start->monitor >= 0 && close(start->monitor) < 0) /* while it is open here the socket would not end */
		return err_errno(e, errno, "close the monitor's socket");
	r = die_with_monitor(s, e);
	if (r < 0)
		return r;
	r = start->wait ? born(s, e) : 0;
	if (r == 0 && start->wait)
		r = wait_for_word(s->status, e);
	if (r == 0 && start->share == SHARE_RUN)
		r = share_enter(s, e);
	else if (r == 0)
		r = map_own_id(s->plan, e);
	if (r < 0)
		return r;
	s->start_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	/* every mode in the plan is meant as it stands there; the kernel never refuses, but a filter around sbx may */
	if (umask(0) == (mode_t)-1)
		return err_errno(e, errno, "set the umask of init");
	return 0;
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

int plain_signals(struct err *e)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;

	(void)sigemptyset(&none);
	if (sigaction(SIGPIPE, &plain, NULL) < 0 || sigaction(SIGXFSZ, &plain, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return err_errno(e, errno, "give the payload plain signals");
	return 0;
}

static int payload_signals(const struct sandbox *s, struct err *e)
{
	/* Where init has made a session, without a terminal, the payload gets another: the scheduler shares the
	 * processors among sessions, so that many busy processes can't keep init from ending them. */
	if (s->terminal < 0 && getsid(0) == getppid() ? setsid() < 0 : setpgid(0, 0) < 0)
		return err_errno(e, errno, "make the payload's process group");
	if (s->terminal >= 0 && tcsetpgrp(s->terminal, getpid()) < 0) /* SIGTTOU is blocked here */
		return err_errno(e, errno, "give the terminal to the payload's process group");
	return plain_signals(e);
}

/* Runs in init's memory, until the exec. */
static int payload_main(void *arg)
{
	struct sandbox *s = arg;
	int step = -1;

	/* the payload is not in a pid namespace that would end with init */
	if (plan_find(s->plan, STEP_SUBREAPER) && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		(void)err_errno(&s->err, errno, "prctl");
	else if (payload_signals(s, &s->err) == 0)
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

static pid_t start_payload(struct sandbox *s, const struct init_stack *stack, struct err *e)
{
	const struct step *inner = plan_find(s->plan, STEP_INNER_USER);
	bool many = inner && inner->n;
	struct sys_clone_args args = {
		.flags = CLONE_VM | CLONE_FILES | (many ? CLONE_CHILD_CLEARTID : CLONE_VFORK),
		.child_tid = (uintptr_t)&s->turn,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack->low,
		.stack_size = stack->size,
	};
	long pid;

	if (inner)
		args.flags |= CLONE_NEWUSER;
	s->turn = TURN_PAYLOAD_BEGINS;
	pid = raw_clone3(&args, payload_main, s);
	if (many && pid > 0)
		many_ids_map(s, inner, (int)pid);
	if (s->texts_size) /* in the memory of a monitor that may have many runs before it */
		(void)munmap(s->environ, s->texts_size);
	if (pid >= 0)
		return (pid_t)pid;
	(void)err_errno(e, (int)-pid, "make the payload's process");
	return args.flags & CLONE_NEWUSER && (pid == -EPERM || pid == -ENOSPC || pid == -EUSERS)
		       ? err_hint(e, USER_NAMESPACES_HINT)
		       : (pid_t)pid;
}

/* How long the payload waits for a processor is told by its own file of /proc alone. Where there is none it is not
 * known. */
static void open_schedstat(struct sandbox *s, pid_t payload)
{
	char path[48];

	(void)snprintf(path, sizeof path, "%s%d/schedstat", s->proc >= 0 ? "" : "/proc/", payload);
	s->schedstat = openat(s->proc >= 0 ? s->proc : AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

static void executed(struct sandbox *s)
{
	int64_t own = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct status status = {
		.type = STATUS_EXECUTED,
		.time_ns = s->exec_time_ns,
		.setup_cpu_ns = own - s->start_cpu_ns + s->payload_cpu_ns,
		.init_cpu_ns = own,
		.exec_folder = s->exec_folder,
		.main = SCHEDSTAT_UNKNOWN,
	};

	if (s->schedstat >= 0)
		schedstat_read(s->schedstat, &status.main);
	report(s, &status, s->listener);
}

/* Becomes sbx-init (src/sbx-init.c), with three fds, and the counters: the payload's streams, the monitor's pipes and
 * the proc that init held for its work are gone with its memory. */
static void hand_over(struct sandbox *s, pid_t payload)
{
	char number[16], counter[countof(s->counter)][16];
	/* t: the time which this exec takes is told at once, since time is limited; b: there is no pid namespace */
	char how[3] = {plan_find(s->plan, STEP_CPU_TIME) ? 't' : '-', plan_find(s->plan, STEP_SUBREAPER) ? 'b' : '-',
		       0};
	char *const argv[] = {(char *)(uintptr_t) "sbx-init", number, how, counter[0], counter[1], NULL};
	char *const environment[] = {NULL};
	const int kept[] = {s->status, s->scratch, s->schedstat}; /* as 0, 1 and 2; -1: nothing */

	(void)snprintf(number, sizeof number, "%d", payload);
	for (int fd = 0; fd < (int)countof(kept); fd++)
		if (kept[fd] >= 0 ? dup2(kept[fd], fd) < 0 : close(fd) < 0)
			_exit(INIT_FAILED);
	if (sys_close_range(countof(kept), ~0U, SYS_CLOSE_RANGE_CLOEXEC) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(INIT_FAILED);
	for (size_t i = 0; i < countof(counter); i++) {
		(void)snprintf(counter[i], sizeof counter[i], "%d", s->counter[i]);
		if (s->counter[i] >= 0 && fcntl(s->counter[i], F_SETFD, 0) < 0)
			_exit(INIT_FAILED);
	}
	(void)syscall(SYS_execveat, s->program, "", argv, environment, AT_EMPTY_PATH);
	_exit(INIT_FAILED);
}

/* Once the payload runs it is too late to find out. */
static int check_program(const struct sandbox *s, struct err *e)
{
	if (syscall(SYS_faccessat2, s->program, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) < 0)
		return err_errno(e, errno, "look whether sbx-init can be executed by user %u of the sandbox",
				 geteuid());
	return 0;
}

static void begin(struct sandbox *s, const struct init_start *start)
{
	struct err e = {0};
	sigset_t all;

	*s = (struct sandbox){SANDBOX_NONE};
	s->plan = start->plan;
	s->marks = start->marks;
	s->share = start->share;
	s->status = start->status;
	s->program = start->program;
	s->image = start->image;
	memcpy(s->stdio, start->stdio, sizeof s->stdio);
	(void)sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0) { /* blocked, not ignored: sigwaitinfo takes them */
		(void)err_errno(&e, errno, "block signals in init");
		fail(s, -1, 0, &e);
	}
	if (prepare(s, start, &e) < 0)
		fail(s, -1, 0, &e);
}

int init_template_main(void *start_of_init)
{
	struct share_namespaces namespaces = SHARE_NAMESPACES_NONE;
	struct sandbox s;
	struct err e = {0};
	int step = -1;

	begin(&s, start_of_init);
	if (share_open(s.plan, &namespaces, &e) < 0 || walk(&s, ACTOR_INIT, &step, &e) < 0 ||
	    share_send(s.status, &namespaces, &e) < 0)
		fail(&s, step, 0, &e);
	_exit(0);
}

int init_main(void *start_of_init)
{
	const struct init_start *start = start_of_init;
	struct sandbox s;
	struct err e = {0};
	int step = -1;
	pid_t payload;

	begin(&s, start);
	if (walk(&s, ACTOR_INIT, &step, &e) < 0 || take_stdio(&s, &e) < 0 || check_program(&s, &e) < 0 ||
	    wait_for_word(s.status, &e) < 0)
		fail(&s, step, 0, &e);
	payload = start_payload(&s, start->payload_stack, &e);
	if (payload < 0)
		fail(&s, -1, 0, &e);
	if (check_payload(&s) < 0)
		fail(&s, s.failed_step, s.exec_errno, &s.err);
	if (init_capabilities(0, &e) < 0)
		fail(&s, -1, 0, &e); /* and the payload ends with init */
	open_schedstat(&s, payload);
	executed(&s);
	hand_over(&s, payload);
	_exit(INIT_FAILED);
}
