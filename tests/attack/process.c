/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: other processes: pid 1 of the sandbox, or a child of the attack's own that plays the sibling. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char victim_memory[8] = "victim";

/* "1", or "child": a new child, that waits to be ended. */
static pid_t victim(int argc, char **argv)
{
	pid_t pid;

	if (argc > 0 && strcmp(argv[0], "child")) {
		if (spare_host())
			_exit(RESULT_BROKEN);
		return (pid_t)atoi(argv[0]);
	}
	pid = fork();
	if (pid == 0) {
		(void)alarm(5);
		(void)pause();
		_exit(0);
	}
	return pid;
}

static int judge(pid_t pid, long result, const char *what)
{
	int why = errno;

	if (pid > 1)
		(void)kill(pid, SIGKILL);
	errno = why;
	return result >= 0 ? opened("%s of process %d", what, (int)pid) : shut("%s of process %d", what, (int)pid);
}

static int trace(int argc, char **argv)
{
	pid_t pid = victim(argc, argv);

	return judge(pid, ptrace(PTRACE_SEIZE, pid, NULL, NULL), "trace");
}

/* A tracer could rewrite a number after the filter has looked at it. */
static int trace_me(int argc, char **argv)
{
	(void)argc, (void)argv;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? opened("traced by the parent")
							  : shut("traced by the parent");
}

static int vm_write(int argc, char **argv)
{
	pid_t pid = victim(argc, argv);
	char text[] = "evil";
	struct iovec mine = {text, sizeof text}, others = {victim_memory, sizeof text};

	return judge(pid, process_vm_writev(pid, &mine, 1, &others, 1, 0), "write the memory");
}

static int vm_read(int argc, char **argv)
{
	pid_t pid = victim(argc, argv);
	char text[8];
	struct iovec mine = {text, sizeof text}, others = {victim_memory, sizeof text};

	return judge(pid, process_vm_readv(pid, &mine, 1, &others, 1, 0), "read the memory");
}

static int get_fd(int argc, char **argv)
{
	pid_t pid = victim(argc, argv);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	long result = -1;

	for (int fd = 0; fd < 16 && result < 0; fd++)
		result = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	return judge(pid, result, "get an fd");
}

static int compare(int argc, char **argv)
{
	pid_t pid = victim(argc, argv);

	return judge(pid, syscall(SYS_kcmp, getpid(), pid, 1 /* KCMP_VM */, 0, 0), "compare the memory");
}

/* Ends pid 1 or stops it; the signals that could are not sent outside of a pid namespace. */
static int signal_one(int argc, char **argv)
{
	static const int signals[] = {SIGKILL, SIGSTOP, SIGTERM, SIGSEGV};

	(void)argc, (void)argv;
	if (spare_host())
		return RESULT_BROKEN;
	if (getppid() == 0 || getpid() > 100)
		return errno = 0, broken("not in a small pid namespace");
	for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
		if (kill(1, signals[i]) == 0 && usleep(50000) == 0 && kill(1, 0) < 0)
			return opened("pid 1 is gone");
	return shut("pid 1 lives");
}

/* PID: of the same user, outside: what a debugger would do, and what /proc shows to the owner. */
static int reach_pid(int argc, char **argv)
{
	static const char *const files[] = {"mem",   "environ", "maps",    "root/etc/passwd",
					    "cwd/.", "fd/0",    "ns/user", "auxv"};
	char path[64], text[8];
	pid_t pid = argc > 0 ? (pid_t)atoi(argv[0]) : 0;
	struct iovec mine = {text, sizeof text}, others = {victim_memory, sizeof text};
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pid <= 1 || pidfd < 0)
		return broken("there is no process %d", (int)pid);
	for (int fd = 0; fd < 32; fd++)
		if (syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0)
			return opened("fd %d", fd);
	if (process_vm_readv(pid, &mine, 1, &others, 1, 0) >= 0 || errno == EFAULT)
		return opened("its memory");
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, files[i]);
		if (open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) >= 0)
			return opened("'%s'", files[i]);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) >= 0)
		return opened("it can be traced");
	return shut("process %d", (int)pid);
}

const struct attack process_attacks[] = {
	{"trace", "PID|child: trace it", trace},
	{"trace-me", "be traced by the parent", trace_me},
	{"vm-write", "PID|child: write its memory", vm_write},
	{"vm-read", "PID|child: read its memory", vm_read},
	{"get-fd", "PID|child: take one of its fds", get_fd},
	{"compare", "PID|child: compare its memory with one's own", compare},
	{"signal-one", "end pid 1", signal_one},
	{"reach-pid", "PID: look into a process of the same user", reach_pid},
	{NULL, NULL, NULL},
};
