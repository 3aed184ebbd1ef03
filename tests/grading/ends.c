/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ends: the ways in which a program ends. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grading.h"

static int end_with(int argc, char **argv)
{
	return (int)number(argc, argv, 0, 0);
}

static int raise_one(int argc, char **argv)
{
	(void)kill(getpid(), (int)number(argc, argv, 0, SIGTERM));
	return FAILED;
}

/* A page behind the end of its file. */
static int bus(void)
{
	char *page = mmap(NULL, 8192, PROT_READ, MAP_SHARED, memfd_create("empty", 0), 0);

	return page == MAP_FAILED ? FAILED : ((volatile char *)page)[4096];
}

/* abort, segv, fpe, ill, bus: as a program with a fault does it, and not by kill. */
static int fault(int argc, char **argv)
{
	volatile int zero = 0, many = 1000;
	volatile char *volatile nowhere = NULL;

	if (is(argc, argv, "abort"))
		abort();
	if (is(argc, argv, "segv"))
		*nowhere = 1;
	if (is(argc, argv, "fpe"))
#ifdef __x86_64__
		return many / zero;
#else
		(void)raise(SIGFPE);
#endif
	if (is(argc, argv, "ill"))
		__builtin_trap();
	return bus() + zero + many;
}

static int close_all(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	return 0;
}

static void *executes(void *words)
{
	(void)execv("/proc/self/exe", words);
	(void)execv("/bin/echo", (char *[]){(char[]){"echo"}, (char[]){"no /proc"}, NULL});
	return NULL;
}

/* A thread that is not the first one executes another program, which takes the first one's id. */
static int thread_executes(int argc, char **argv)
{
	char *words[] = {(char[]){"grading"}, (char[]){"say"}, (char[]){"executed"}, NULL};
	pthread_t thread;

	(void)argc, (void)argv;
	if (pthread_create(&thread, NULL, executes, words) != 0)
		return FAILED;
	for (;;)
		(void)pause();
}

static void *goes_on(void *unused)
{
	(void)unused;
	(void)usleep(100000);
	puts("the other thread");
	exit(7);
}

static int first_thread_ends(int argc, char **argv)
{
	pthread_t thread;

	(void)argc, (void)argv;
	if (pthread_create(&thread, NULL, goes_on, NULL) != 0)
		return FAILED;
	pthread_exit(NULL);
}

static int say(int argc, char **argv)
{
	puts(argc > 0 ? argv[0] : "hello");
	return 0;
}

static int echo_lines(int argc, char **argv)
{
	int c;

	(void)argc, (void)argv;
	while ((c = getchar()) != EOF)
		(void)putchar(c);
	return 0;
}

const struct program end_programs[] = {
	{"exit", end_with},
	{"kill", raise_one},
	{"fault", fault},
	{"close-all", close_all},
	{"thread-executes", thread_executes},
	{"first-thread-ends", first_thread_ends},
	{"say", say},
	{"cat", echo_lines},
	{NULL, NULL},
};
