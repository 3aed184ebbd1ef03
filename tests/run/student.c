/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* student: the programs that a grader meets, by name: `student WHAT`. Each shows one verdict. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create; it is also compiled alone, by `make demo` */
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static int ok(void)
{
	puts("hello");
	return 0;
}

/* 1,000 in memory that no huge page serves. */
static void *make_faults(void *unused)
{
	size_t size = 1000 * 4096;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || (madvise(p, size, MADV_NOHUGEPAGE) < 0 && errno != EINVAL))
		_exit(1);
	for (size_t i = 0; i < size; i += 4096)
		((volatile char *)p)[i] = 1;
	return unused;
}

static int faults(void)
{
	(void)make_faults(NULL);
	return 0;
}

static int faults_below(void)
{
	pthread_t thread;
	pid_t pid = fork();

	if (pid == 0) {
		(void)make_faults(NULL);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) < 0 || pthread_create(&thread, NULL, make_faults, NULL))
		return 1;
	return pthread_join(thread, NULL) != 0;
}

/* Stops the counters that it made itself: it has made none. */
static int faults_hidden(void)
{
	(void)prctl(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0);
	return faults();
}

static int wrong_exit(void)
{
	return 3;
}

static int by_signal(void)
{
	(void)signal(SIGSEGV, SIG_DFL);
	return raise(SIGSEGV);
}

/* As the kernel sends them at a limit. */
static int raise_xfsz(void)
{
	return raise(SIGXFSZ);
}

static int raise_xcpu(void)
{
	return raise(SIGXCPU);
}

static int raise_kill(void)
{
	return raise(SIGKILL);
}

static int cpu(void)
{
	volatile unsigned long turns = 1;

	while (turns)
		turns += 2; /* odd: never 0 */
	return 0;
}

/* A little late: over a limit of 200 ms, below one of a second. */
static int late(void)
{
	struct timespec t = {0};

	while (t.tv_sec == 0 && t.tv_nsec < 300000000)
		(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return 0;
}

/* Each process uses little: only the sum is too much. */
static int cpu_children(void)
{
	for (;;) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0) {
			for (volatile unsigned long i = 0; i < 30000000; i++)
				;
			_exit(0);
		}
		if (waitpid(pid, NULL, 0) < 0)
			return 1;
	}
}

static void *busy_child(void *unused)
{
	pid_t pid = fork();

	(void)unused;
	if (pid == 0) {
		(void)cpu();
		_exit(0);
	}
	for (;;)
		pause();
	return NULL;
}

/* A child of a thread that is not the first one is in another list. */
static int cpu_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, busy_child, NULL) != 0)
		return 1;
	return (int)sleep(5);
}

static int wall(void)
{
	while (pause() < 0)
		;
	return 0;
}

static int memory(void)
{
	for (int i = 0; i < 1024; i++) {
		char *p = malloc(MIB);

		if (!p)
			return 1;
		memset(p, i + 1, MIB);
	}
	return 0;
}

/* An error of the file system is an answer too: 1. */
static int fill(int fd, int mib)
{
	char *block = malloc(MIB);

	if (fd < 0 || !block)
		return 1;
	memset(block, 'x', MIB);
	for (int i = 0; i < mib; i++)
		if (write(fd, block, MIB) != MIB)
			return 1;
	return 0;
}

static int memory_tmpfs(void)
{
	for (int file = 0; file < 200; file++) {
		char name[64];

		(void)snprintf(name, sizeof name, "/tmp/%d", file);
		if (fill(open(name, O_WRONLY | O_CREAT, 0600), 8))
			return 1;
	}
	return 0;
}

static int memory_memfd(void)
{
	for (int file = 0; file < 100; file++)
		if (fill(memfd_create("x", 0), 8))
			return 1;
	return 0;
}

static int memory_shared(void)
{
	char *p = mmap(NULL, (size_t)512 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return 1;
	memset(p, 1, (size_t)512 * MIB);
	return 0;
}

/* A child is killed for memory, and the parent does not care. */
static int memory_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(memory());
	(void)waitpid(pid, NULL, 0);
	return 0;
}

static int processes(void)
{
	for (;;) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0)
			for (;;)
				(void)pause();
	}
}

static int output(void)
{
	for (;;)
		if (puts("all work and no play makes jack a dull boy") < 0)
			return 1;
}

static int file_size(void)
{
	return fill(open("/tmp/big", O_WRONLY | O_CREAT, 0600), 1024);
}

static int disk(void)
{
	return memory_tmpfs();
}

/* Leaves a daemon behind that holds standard output. */
static int daemon_left(void)
{
	if (fork() == 0) {
		(void)setsid();
		(void)signal(SIGTERM, SIG_IGN);
		for (;;)
			(void)pause();
	}
	puts("bye");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(void);
	} programs[] = {
		{"ok", ok},
		{"exit", wrong_exit},
		{"faults", faults},
		{"faults-below", faults_below},
		{"faults-hidden", faults_hidden},
		{"signal", by_signal},
		{"raise-xfsz", raise_xfsz},
		{"raise-xcpu", raise_xcpu},
		{"raise-kill", raise_kill},
		{"cpu", cpu},
		{"cpu-late", late},
		{"cpu-children", cpu_children},
		{"cpu-thread", cpu_thread},
		{"wall", wall},
		{"memory", memory},
		{"memory-tmpfs", memory_tmpfs},
		{"memory-memfd", memory_memfd},
		{"memory-shared", memory_shared},
		{"memory-child", memory_child},
		{"processes", processes},
		{"output", output},
		{"file-size", file_size},
		{"disk", disk},
		{"daemon", daemon_left},
	};

	for (size_t i = 0; argc == 2 && i < sizeof programs / sizeof *programs; i++)
		if (strcmp(argv[1], programs[i].name) == 0)
			return programs[i].fn();
	return 99;
}
