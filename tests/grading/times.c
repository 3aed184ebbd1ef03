/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* times: programs that use time, of the processor or on the clock. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grading.h"

/* SECONDS, then STATUS; at the end it says what its own clock says. */
static int busy(int argc, char **argv)
{
	burn(number(argc, argv, 0, 1000));
	(void)printf("own %.6f\n", now(CLOCK_PROCESS_CPUTIME_ID));
	return (int)number(argc, argv, 1, 0);
}

/* sleep, until (a time of day), pause (with all signals ignored), stop */
static int waits(int argc, char **argv)
{
	struct timespec t = {time(NULL) + 1000, 0};

	if (is(argc, argv, "sleep"))
		return (int)sleep(1000);
	if (is(argc, argv, "until"))
		return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
	if (is(argc, argv, "stop"))
		return raise(SIGSTOP);
	for (int n = 1; n <= SIGRTMAX; n++)
		(void)signal(n, SIG_IGN);
	for (;;)
		(void)pause();
}

static void *burner(void *unused)
{
	burn(1000);
	return unused;
}

static int threads(int argc, char **argv)
{
	pthread_t thread;

	for (int i = 1; i < (int)number(argc, argv, 0, 4); i++)
		if (pthread_create(&thread, NULL, burner, NULL) != 0)
			return FAILED;
	burn(1000);
	return 0;
}

/* wait, idle (the parent does not wait for it), orphan (its parent has ended) */
static int child_burns(int argc, char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (is(argc, argv, "orphan") && fork() > 0)
			_exit(0);
		burn(1000);
		_exit(0);
	}
	if (pid > 0 && is(argc, argv, "wait"))
		(void)waitpid(pid, NULL, 0);
	for (;;)
		(void)pause();
}

/* COUNT of 0.5 ms each */
static int many_children(int argc, char **argv)
{
	double used = 0;

	for (int i = 0; i < (int)number(argc, argv, 0, 1e9); i++) {
		struct rusage usage;
		pid_t pid = fork();

		if (pid == 0) {
			burn(0.0005);
			_exit(0);
		}
		if (pid < 0 || wait4(pid, NULL, 0, &usage) != pid)
			return FAILED;
	}
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &(struct timespec){0}) == 0)
		used = now(CLOCK_PROCESS_CPUTIME_ID) + 0.0005 * number(argc, argv, 0, 0);
	(void)printf("own %.6f\n", used);
	return 0;
}

/* Almost all of it in the kernel: calls, zeros */
static int system_time(int argc, char **argv)
{
	static char block[MIB];
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	for (;;)
		if (is(argc, argv, "calls"))
			(void)syscall(SYS_getppid);
		else if (read(zero, block, sizeof block) < 0)
			return FAILED;
}

/* Sleeps whenever a tick of the kernel might come, COUNT times. */
static int bursts(int argc, char **argv)
{
	for (int i = 0; i < (int)number(argc, argv, 0, 300); i++) {
		burn(now(CLOCK_PROCESS_CPUTIME_ID) + 0.0009);
		(void)usleep(500);
	}
	(void)printf("own %.6f\n", now(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}

static void nothing(int unused)
{
	(void)unused;
}

/* SECONDS, with an alarm every MICROSECONDS */
static int alarms(int argc, char **argv)
{
	suseconds_t every = (suseconds_t)number(argc, argv, 1, 10);
	const struct itimerval often = {{0, every}, {0, every}};

	(void)signal(SIGALRM, nothing);
	(void)signal(SIGPROF, nothing);
	(void)setitimer(ITIMER_REAL, &often, NULL);
	(void)setitimer(ITIMER_PROF, &often, NULL);
	return busy(1, argv);
}

/* nice, idle, fifo, cpus: then busy */
static int schedule(int argc, char **argv)
{
	const struct sched_param one = {.sched_priority = 1}, none = {0};
	cpu_set_t all;

	errno = 0;
	if (is(argc, argv, "nice"))
		(void)!nice(19);
	if (is(argc, argv, "idle"))
		(void)sched_setscheduler(0, SCHED_IDLE, &none);
	if (is(argc, argv, "fifo"))
		return sched_setscheduler(0, SCHED_FIFO, &one) == 0 ? says(FAILED, "fifo") : says(0, "fifo");
	if (is(argc, argv, "cpus")) {
		memset(&all, 0xff, sizeof all);
		(void)sched_setaffinity(0, sizeof all, &all);
		(void)sched_getaffinity(0, sizeof all, &all);
		(void)printf("processors %d\n", CPU_COUNT(&all));
		return 0;
	}
	burn(1000);
	return 0;
}

const struct program time_programs[] = {
	{"busy", busy},
	{"waits", waits},
	{"threads", threads},
	{"child-burns", child_burns},
	{"many-children", many_children},
	{"system-time", system_time},
	{"bursts", bursts},
	{"alarms", alarms},
	{"schedule", schedule},
	{NULL, NULL},
};
