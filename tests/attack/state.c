/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: what the caller's process state leaves behind in the payload: variables, signals, timers, modes, privileges.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

static bool is_word(const char *name, size_t length, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strlen(argv[i]) == length && !strncmp(argv[i], name, length))
			return true;
	return false;
}

/* Is there a variable that none of the words names, or a name twice? */
static int env_other(int argc, char **argv)
{
	for (char **v = environ; *v; v++) {
		size_t length = strcspn(*v, "=");

		if (!is_word(*v, length, argc, argv))
			return opened("variable '%.60s'", *v);
		for (char **w = environ; w < v; w++)
			if (!strncmp(*w, *v, length + 1))
				return opened("two variables '%.*s'", (int)length, *v);
	}
	return shut("only the variables that are declared");
}

/* Is the variable there? */
static int env_has(int argc, char **argv)
{
	if (argc > 0 && getenv(argv[0]))
		return opened("variable '%s'", argv[0]);
	return shut("no such variable");
}

/* Is one of 0-2 closed, or the given ones not /dev/null? */
static int stdio_hole(int argc, char **argv)
{
	struct stat st;

	results_to(2);
	if (fcntl(2, F_GETFD) < 0)
		return RESULT_OPEN; /* there is nothing to tell it on */
	for (int fd = 0; fd < 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return opened("fd %d is closed", fd);
	for (int i = 0; i < argc; i++)
		if (fstat(atoi(argv[i]), &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
			return opened("fd %s is not /dev/null", argv[i]);
	return shut("fds 0 to 2 are open");
}

/* Is a signal blocked or ignored? */
static int signal_state(int argc, char **argv)
{
	sigset_t mask;

	(void)argc, (void)argv;
	if (sigprocmask(SIG_SETMASK, NULL, &mask) < 0)
		return broken("read the signal mask");
	for (int n = 1; n <= SIGRTMAX; n++) {
		struct sigaction action;

		if (sigismember(&mask, n) == 1)
			return opened("signal %d is blocked", n);
		if (sigaction(n, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			return opened("signal %d is ignored", n);
	}
	errno = 0;
	return shut("no signal is blocked or ignored");
}

static int umask_other(int argc, char **argv)
{
	mode_t now = umask(0);

	if (argc > 0 && now != (mode_t)strtoul(argv[0], NULL, 8))
		return opened("umask %03o", now);
	return shut("umask as declared");
}

static int timer_armed(int argc, char **argv)
{
	struct itimerval value;

	(void)argc, (void)argv;
	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++)
		if (getitimer((enum __itimer_which)which, &value) == 0 &&
		    (value.it_value.tv_sec || value.it_value.tv_usec))
			return opened("timer %d is armed", which);
	return shut("no timer is armed");
}

static int personality_bits(int argc, char **argv)
{
	int now = personality(0xffffffff);

	(void)argc, (void)argv;
	if (now > 0)
		return opened("personality %#x", (unsigned)now);
	return shut("personality is clean");
}

static int realtime(int argc, char **argv)
{
	int policy = sched_getscheduler(0);

	(void)argc, (void)argv;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return opened("real-time scheduling");
	if (policy < 0)
		return broken("read the scheduling policy");
	return shut("ordinary scheduling");
}

/* T-P1 from within: the words of /proc/self/status that must be as given. */
static int privilege_state(int argc, char **argv)
{
	static const char *const wanted[] = {"CapInh:\t0000000000000000",
					     "CapPrm:\t0000000000000000",
					     "CapEff:\t0000000000000000",
					     "CapBnd:\t0000000000000000",
					     "CapAmb:\t0000000000000000",
					     "NoNewPrivs:\t1",
					     "Seccomp:\t2"};
	FILE *file = fopen("/proc/self/status", "re");
	char line[512];
	unsigned found = 0;

	(void)argc, (void)argv;
	if (!file)
		return broken("open /proc/self/status");
	while (fgets(line, sizeof line, file))
		for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) {
			size_t length = strcspn(wanted[i], ":") + 1;

			if (strncmp(line, wanted[i], length))
				continue;
			line[strcspn(line, "\n")] = '\0';
			if (strcmp(line, wanted[i]))
				return (void)fclose(file), opened("%s", line);
			found++;
		}
	(void)fclose(file);
	if (found != sizeof wanted / sizeof *wanted)
		return broken("/proc/self/status has %u of the lines", found);
	return errno = 0, shut("no capability, no new privileges, filtered");
}

static int uid_zero(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (geteuid() == 0)
		return opened("effective uid 0");
	return errno = 0, shut("uid %u", geteuid());
}

/* Does the raw getcwd lie outside the root? */
static int cwd_unreachable(int argc, char **argv)
{
	char path[4096];

	(void)argc, (void)argv;
	if (!getcwd(path, sizeof path))
		return shut("no working directory");
	return path[0] == '/' ? shut("'%s'", path) : opened("'%s'", path);
}

const struct attack state_attacks[] = {
	{"env-other", "a variable that is not in the list, or one twice", env_other},
	{"env-has", "a variable of the caller", env_has},
	{"stdio-hole", "fds 0 to 2 closed, or those given not on /dev/null", stdio_hole},
	{"signal-state", "blocked or ignored signals", signal_state},
	{"umask-other", "a umask that is not the given one", umask_other},
	{"timer-armed", "an interval timer of the caller", timer_armed},
	{"personality-bits", "execution domain flags of the caller", personality_bits},
	{"realtime", "real-time scheduling of the caller", realtime},
	{"privilege-state", "capabilities, privileges or no filter", privilege_state},
	{"uid-zero", "effective uid 0", uid_zero},
	{"cwd-unreachable", "a working directory outside the root", cwd_unreachable},
	{NULL, NULL, NULL},
};
