/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* processes: programs that make others, or want to reach them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grading.h"

static char stacks[64][16384];

static int lives(void *unused)
{
	(void)unused;
	for (;;)
		(void)pause();
	return 0;
}

static pid_t vfork_one(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execl("/proc/self/exe", "grading", "bomb", "vfork", (char *)NULL);
		_exit(FAILED);
	}
	return pid;
}

/* fork, reap, vfork, clone: for ever, whatever the answer */
static int bomb(int argc, char **argv)
{
	for (unsigned i = 0;; i++) {
		if (is(argc, argv, "clone"))
			(void)clone(lives, stacks[i % 64] + sizeof *stacks, CLONE_VM | SIGCHLD, NULL);
		else if (is(argc, argv, "vfork"))
			(void)vfork_one();
		else
			(void)fork();
		if (is(argc, argv, "reap"))
			(void)waitpid(-1, NULL, WNOHANG);
	}
	return 0;
}

static void *thread_lives(void *unused)
{
	(void)lives(unused);
	return NULL;
}

/* COUNT: status 1 if there were not so many */
static int threads_live(int argc, char **argv)
{
	int most = (int)number(argc, argv, 0, 10000);
	pthread_attr_t attributes;
	pthread_t thread;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, 65536);
	for (int i = 0; i < most; i++) {
		errno = pthread_create(&thread, &attributes, thread_lives, NULL);
		if (errno)
			return printf("%d threads: %s\n", i, strerrorname_np(errno)), FAILED;
	}
	return 0;
}

/* COUNT that live at a time, and then end: status 1 if there were not so many */
static int children_live(int argc, char **argv)
{
	int most = (int)number(argc, argv, 0, 63);

	for (int i = 0; i < most; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return says(FAILED, "fork");
		if (pid == 0)
			(void)lives(NULL);
	}
	(void)usleep((useconds_t)(number(argc, argv, 1, 0.3) * 1e6));
	return says(0, "all live");
}

/* Every way to another process is tried, and the answer taken. */
static int one_more(int argc, char **argv)
{
	char *words[] = {(char[]){"true"}, NULL};
	pthread_t thread;
	int error;
	pid_t pid;

	(void)argc, (void)argv;
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid > 0 || errno != EAGAIN)
		return says(FAILED, "fork");
	error = pthread_create(&thread, NULL, thread_lives, NULL);
	if (error != EAGAIN)
		return says(FAILED, "pthread_create");
	error = posix_spawn(&pid, "/bin/true", NULL, NULL, words, NULL);
	if (error != EAGAIN)
		return says(FAILED, "posix_spawn");
	if (system("exit 0") == 0)
		return says(FAILED, "system");
	return says(0, "alone");
}

static int zombies(int argc, char **argv)
{
	int count = 0;
	pid_t pid;

	(void)argc, (void)argv;
	while (count < 10000 && (pid = fork()) >= 0) {
		if (pid == 0)
			_exit(0);
		count++;
	}
	return printf("%d zombies: %s\n", count, strerrorname_np(errno)), count < 10000 ? 0 : FAILED;
}

/* stay: one that ignores all and keeps standard output; race: it starts others for ever */
static int daemon_left(int argc, char **argv)
{
	if (fork() == 0) {
		(void)setsid();
		if (fork() > 0)
			_exit(0);
		for (int n = 1; n <= SIGRTMAX; n++)
			(void)signal(n, SIG_IGN);
		(void)prctl(PR_SET_PDEATHSIG, 0);
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
		while (is(argc, argv, "race"))
			if (fork() > 0)
				_exit(0);
		(void)lives(NULL);
	}
	(void)usleep(50000);
	puts("the first one ends");
	return 0;
}

/* What is not one's own: nothing of it may be reached. Status 1 if something was. */
static int reach(int argc, char **argv)
{
	pid_t parent = getppid();
	struct iovec here = {&(int){0}, sizeof(int)}, there = {(void *)(uintptr_t)4096, sizeof(int)};
	int fd;

	(void)argc, (void)argv;
	(void)kill(-1, SIGKILL);
	(void)kill(1, SIGKILL);
	(void)kill(1, SIGTERM);
	(void)kill(parent, SIGSTOP);
	(void)kill(parent, SIGKILL);
	(void)kill(0, SIGCONT);
	if (ptrace(PTRACE_ATTACH, parent, NULL, NULL) == 0)
		return says(FAILED, "ptrace");
	if (process_vm_writev(parent, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT)
		return says(FAILED, "process_vm_writev");
	fd = open("/proc/1/mem", O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return says(FAILED, "/proc/1/mem");
	fd = (int)syscall(SYS_pidfd_open, parent, 0);
	if (fd >= 0 && syscall(SYS_pidfd_getfd, fd, 1, 0) >= 0)
		return says(FAILED, "pidfd_getfd");
	return says(0, "nothing reached");
}

const struct program process_programs[] = {
	{"bomb", bomb},
	{"threads-live", threads_live},
	{"children-live", children_live},
	{"one-more", one_more},
	{"zombies", zombies},
	{"daemon", daemon_left},
	{"reach", reach},
	{NULL, NULL},
};
