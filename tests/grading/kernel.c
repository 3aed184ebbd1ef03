/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel: programs that try switches of their own process. What other attacks there are is in tests/attack. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grading.h"

/* Harmless, whatever the answer. */
static int tables(int argc, char **argv)
{
	(void)argc, (void)argv;
#ifdef SYS_modify_ldt
	(void)syscall(SYS_modify_ldt, 0, (char[64]){0}, 64);
#endif
	(void)prctl(PR_SET_DUMPABLE, 1);
	(void)prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0);
	(void)prctl(PR_SET_NAME, "sbx-init");
	errno = 0;
	return says(0, "harmless");
}

/* Status 0 if no limit could be raised over what it is. */
static int raise_limits(int argc, char **argv)
{
	static const int all[] = {RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_CORE};
	struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY}, old;

	(void)argc, (void)argv;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		(void)getrlimit((__rlimit_resource_t)all[i], &old);
		if (old.rlim_max == RLIM_INFINITY)
			return says(FAILED, "there was no limit");
		if (setrlimit((__rlimit_resource_t)all[i], &most) == 0)
			return says(FAILED, "setrlimit");
	}
	errno = 0;
	if (prlimit(1, RLIMIT_NOFILE, &(struct rlimit){5, 5}, NULL) == 0)
		return says(FAILED, "of pid 1");
	return says(0, "not raised");
}

/* A limit of time for pid 1, which then gets the work of many orphans: that must not be how the sandbox ends. */
static int end_init(int argc, char **argv)
{
	(void)argc, (void)argv;
	(void)prlimit(1, RLIMIT_CPU, &(struct rlimit){0, 0}, NULL);
	(void)prlimit(getppid(), RLIMIT_CPU, &(struct rlimit){0, 0}, NULL);
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int i = 0; i < 20; i++)
				if (fork() == 0)
					_exit(0);
			_exit(0);
		}
		if (pid > 0)
			(void)waitpid(pid, NULL, 0);
	}
	return 0;
}

static int print_environment(int argc, char **argv)
{
	extern char **environ;

	(void)argc, (void)argv;
	for (char **p = environ; *p; p++)
		puts(*p);
	return 0;
}

const struct program kernel_programs[] = {
	{"tables", tables}, {"end-init", end_init}, {"raise-limits", raise_limits}, {"printenv", print_environment},
	{NULL, NULL},
};
