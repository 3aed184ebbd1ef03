/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/join.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/raw.h"
#include "base/sys.h"
#include "init/steps.h"
#include "run/join-spaces.h"
#include "run/join-wait.h"
#include "run/monitor.h"

enum { STACK = 192 * 1024 };

/* In memory that the three processes share. */
struct joining {
	const struct join *join;
	struct sandbox s;
	uint8_t *marks; /* of the plan's steps: those that the payload does */
	struct join_spaces spaces;
	int *cgroup; /* cgroup.procs of each */
	size_t cgroups;
	int slave;        /* of the terminal; -1 */
	char *stack;      /* of the payload */
	volatile int pid; /* of the payload; negative errno */
	struct err err;   /* of the joiner */
};

int join_check(const struct plan *plan, bool command, struct err *e)
{
	static const struct {
		enum step_kind kind;
		const char *why;
		bool command;
	} never[] = {
		{STEP_GATE, "it was made by the setuid sbx", false},
		{STEP_SUBREAPER, "it has no namespaces", false},
		{STEP_INNER_NAMESPACES, "its command has namespaces of its own, over which it keeps capabilities",
		 false},
		{STEP_LISTEN, "it counts denied system calls (syscalls.denied = report)", true},
	};

	for (size_t i = 0; i < countof(never); i++)
		if (plan_find(plan, never[i].kind) && (command || !never[i].command))
			return err_set(e, ENOTSUP, "%s: %s",
				       command ? "no command can join it" : "nothing can be mounted in it",
				       never[i].why);
	return 0;
}

/* What is left to do in a sandbox that is there: all of the payload but its user namespace, which is entered. */
static void mark_steps(const struct plan *plan, uint8_t *marks)
{
	for (size_t i = 0; i < plan->count; i++)
		marks[i] = step_info[plan->step[i].kind].phase > PHASE_IDENTITY;
}

static int take_streams(struct joining *j, struct err *e)
{
	struct sandbox *s = &j->s;

	if (setsid() < 0)
		return err_errno(e, errno, "make a session");
	if (j->slave >= 0 && ioctl(j->slave, TIOCSCTTY, 0) < 0)
		return err_errno(e, errno, "take the terminal");
	for (int fd = 0; fd < 3; fd++) {
		int from = j->slave >= 0 ? j->slave : s->stdio[fd];

		if (from < 0 || dup2(from, fd) < 0)
			return err_errno(e, from < 0 ? EBADF : errno, "take standard fd %d", fd);
	}
	return 0;
}

static int become(struct joining *j, struct err *e)
{
	const struct step *ids = plan_find(j->s.plan, STEP_SET_IDS);
	const struct step *keyring = plan_find(j->s.plan, STEP_KEYRING);

	/* init's own step for all that it makes: this process is not made by it, and has the caller's keys */
	if (keyring && do_keyring(&j->s, keyring, e) < 0)
		return -e->code;
	if (ids && become_user(j->s.plan, ids, e) < 0)
		return -e->code;
	if (j->spaces.inner >= 0 && syscall(SYS_setns, j->spaces.inner, CLONE_NEWUSER) < 0)
		return err_errno(e, errno, "enter the payload's user namespace");
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, errno, "prctl");
	return plain_signals(e);
}

/* Runs in sbx's memory, until the exec. */
static int payload_main(void *arg)
{
	struct joining *j = arg;
	int step = -1;

	if (take_streams(j, &j->s.err) == 0 && become(j, &j->s.err) == 0)
		(void)walk(&j->s, ACTOR_PAYLOAD, &step, &j->s.err);
	j->s.failed_step = step;
	_exit(125);
}

static int enter(struct joining *j, struct err *e)
{
	int r;

	for (size_t i = 0; i < j->cgroups; i++)
		if (write(j->cgroup[i], "0", 1) != 1)
			return err_errno(e, errno, "enter the sandbox's cgroup");
	r = join_spaces_enter(&j->spaces);
	return r < 0 ? err_errno(e, -r, "enter the sandbox's namespaces") : 0;
}

/* Runs in sbx's memory. */
static int joiner_main(void *arg)
{
	struct joining *j = arg;
	const struct sys_clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_PARENT,
		.stack = (uintptr_t)j->stack,
		.stack_size = STACK,
	};
	long pid;

	if (enter(j, &j->err) == 0) {
		pid = raw_clone3(&args, payload_main, j);
		j->pid = (int)pid;
		if (pid < 0)
			(void)err_errno(&j->err, (int)-pid, "make a process in the sandbox");
	}
	_exit(0);
}

static int open_cgroups(struct joining *j, struct err *e)
{
	size_t count = 0;

	while (j->join->cgroups[count])
		count++;
	j->cgroup = xcalloc(count + 1, sizeof *j->cgroup);
	for (; j->cgroups < count; j->cgroups++) {
		autofree char *path = xasprintf("%s/cgroup.procs", j->join->cgroups[j->cgroups]);

		j->cgroup[j->cgroups] = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (j->cgroup[j->cgroups] < 0)
			return err_errno(e, errno, "open '%s'", path);
	}
	return 0;
}

static char *make_stacks(void)
{
	char *stacks = mmap(NULL, 2 * (size_t)STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return stacks == MAP_FAILED ? NULL : stacks;
}

/* The child that comes of it is our own. Its pid, or a negative errno with the error of whoever failed. */
static int spawn(struct joining *j, struct err *e)
{
	char *stacks = make_stacks();
	struct sys_clone_args args = {.flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD, .stack_size = STACK};
	int dumpable = prctl(PR_GET_DUMPABLE);
	sigset_t all, before;
	long pid;

	if (!stacks)
		return err_errno(e, errno, "make stacks");
	args.stack = (uintptr_t)stacks;
	j->stack = stacks + STACK;
	j->pid = -EIO;
	/* nobody in the sandbox may look into what is still our memory, nor at our fds */
	if (dumpable < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(e, errno, "prctl");
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before); /* a handler or an end amid the shared memory would be ours */
	pid = raw_clone3(&args, joiner_main, j);
	while (pid > 0 && waitpid((pid_t)pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)prctl(PR_SET_DUMPABLE, dumpable);
	(void)munmap(stacks, 2 * (size_t)STACK);
	if (pid < 0)
		return err_errno(e, (int)-pid, "make a process");
	if (j->err.code) {
		*e = j->err;
		return -e->code;
	}
	return j->pid > 0 ? j->pid : err_set(e, EIO, "the process that enters the sandbox ended");
}

/* --- the caller's side --- */

static void prepare(struct joining *j, struct monitor *m)
{
	j->s = (struct sandbox){SANDBOX_NONE};
	j->s.plan = j->join->plan;
	j->s.marks = j->marks;
	j->s.share = 1;
	memcpy(j->s.stdio, m->child_stdio, sizeof j->s.stdio);
}

static int own_terminal(struct joining *j, struct monitor *m, struct err *e)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return err_errno(e, errno, "make a terminal");
	j->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	m->terminal.fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
	m->relay[1].to = fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (j->slave < 0 || m->terminal.fd < 0 || m->relay[1].to < 0) {
		(void)close(master);
		return err_errno(e, errno, "open the terminal");
	}
	m->shown = 1;
	return monitor_show_terminal(m, &master, e);
}

/* The caller's streams by pipes, as those of every command. */
static int streams(struct monitor *m, struct plan *plan, bool silent, struct err *e)
{
	for (uint64_t fd = 0; fd < 3; fd++)
		(void)plan_add(plan, STEP_STDIO, "default", silent ? "/dev/null" : NULL, NULL, fd,
			       silent ? STDIO_PLAN_FILE : STDIO_PLAN_RELAY);
	m->plan = plan;
	return monitor_stdio(m, e);
}

static void close_all(struct joining *j, struct monitor *m)
{
	terminal_restore(&m->terminal);
	for (int i = 0; i < RELAYS; i++)
		relay_close(&m->relay[i]);
	for (int fd = 0; fd < 3; fd++)
		mem_close_ptr(&m->child_stdio[fd]);
	mem_close_ptr(&m->signals);
	mem_close_ptr(&m->pidfd);
	mem_close_ptr(&m->master);
	mem_close_ptr(&m->terminal.fd);
	mem_close_ptr(&j->slave);
	join_spaces_close(&j->spaces);
	for (size_t i = 0; i < j->cgroups; i++)
		mem_close_ptr(&j->cgroup[i]);
	free(j->cgroup);
}

/* What the caller has of the child's would keep pipes and terminal open. */
static void close_childs(struct joining *j, struct monitor *m)
{
	for (int fd = 0; fd < 3; fd++) {
		mem_close_ptr(&m->child_stdio[fd]);
		m->child_stdio[fd] = -1;
	}
	mem_close_ptr(&j->slave);
	j->slave = -1;
}

static int run(struct joining *j, struct monitor *m, int *ret_status, struct err *e)
{
	int pid;

	prepare(j, m);
	pid = spawn(j, e);
	close_childs(j, m);
	if (pid < 0)
		return pid;
	m->init = pid;
	if (j->s.texts_size)
		(void)munmap(j->s.environ, j->s.texts_size);
	if (!j->s.err.code && j->s.exec_time_ns)
		return join_wait(m, ret_status, e);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (!j->s.err.code)
		return err_set(e, EIO, "the process in the sandbox ended before its exec");
	*e = j->s.err;
	if (!j->s.exec_errno)
		return -e->code;
	*ret_status = j->s.exec_errno == ENOENT ? 127 : 126;
	return -e->code;
}

static bool has_ended(int pidfd)
{
	struct pollfd event = {.fd = pidfd, .events = POLLIN};

	return poll(&event, 1, 0) != 0;
}

bool join_is_over(const struct join *join)
{
	return has_ended(join->init) || !join_spaces_lives(join->init_pid);
}

int join_run(const struct join *join, int *ret_status, struct err *e)
{
	autofree uint8_t *marks = xcalloc(join->plan->count, 1);
	struct joining *j = xcalloc(1, sizeof *j);
	struct monitor m = MONITOR_NONE;
	struct plan stdio = {0};
	const struct step *namespaces = plan_find(join->plan, STEP_NAMESPACES);
	int r = join_check(join->plan, true, e);

	*ret_status = 0;
	j->join = join;
	j->marks = marks;
	j->slave = -1;
	j->spaces = (struct join_spaces)JOIN_SPACES_NONE;
	mark_steps(join->plan, marks);
	if (r == 0)
		r = namespaces ? 0 : err_set(e, EINVAL, "the sandbox has no namespaces");
	if (r == 0)
		r = join_signals(&m, e);
	if (r == 0)
		r = join_spaces_open(join->init_pid, namespaces->n, &j->spaces, e);
	if (r == 0)
		r = open_cgroups(j, e);
	if (r == 0 && has_ended(join->init)) /* then what was found by its pid may have been another's */
		r = err_set(e, ESRCH, "the sandbox has ended");
	if (r == 0)
		r = join->terminal ? own_terminal(j, &m, e) : streams(&m, &stdio, join->silent, e);
	if (r == 0)
		r = run(j, &m, ret_status, e);
	close_all(j, &m);
	plan_done(&stdio);
	free(j);
	return r;
}
