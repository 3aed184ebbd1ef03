/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spawn: how fast programs are started by nothing but posix_spawn: spawn COUNT AT-ONCE COMMAND [ARG]... runs it COUNT
 * times, by AT-ONCE processes that each start one after the other, and prints the seconds. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void work(long count, char **command)
{
	char *none[] = {NULL};

	for (long i = 0; i < count; i++) {
		pid_t pid;
		int status;

		if (posix_spawn(&pid, command[0], NULL, NULL, command, none) != 0 || waitpid(pid, &status, 0) != pid ||
		    status != 0)
			_exit(1);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	long count = argc > 3 ? strtol(argv[1], NULL, 10) : 0, at_once = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
	double start = now();
	int status, bad = 0;

	if (count < 1 || at_once < 1)
		return 2;
	for (long i = 0; i < at_once; i++)
		if (fork() == 0)
			work(count / at_once + (i < count % at_once), argv + 3);
	while (wait(&status) > 0)
		bad |= status;
	printf("%.6f\n", now() - start);
	return bad != 0;
}
