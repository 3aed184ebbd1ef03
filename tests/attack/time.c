/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: more time than the limits give, refusing to end, and telling lies about how it ended. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void burn(double seconds)
{
	double end = now(CLOCK_PROCESS_CPUTIME_ID) + seconds;

	while (now(CLOCK_PROCESS_CPUTIME_ID) < end)
		;
}

/* Each process uses little; `orphan`: with a parent that has ended before it began. */
static void burn_in_turn(double seconds, bool orphan)
{
	for (double done = 0; done < seconds; done += 0.1) {
		pid_t pid = fork();

		if (pid == 0) {
			if (orphan && fork() > 0)
				_exit(0);
			burn(0.1);
			_exit(0);
		}
		if (pid < 0 ||
		    (waitpid(pid, NULL, 0) != pid && errno != ECHILD)) /* it is none where SIGCHLD is ignored */
			return;
		if (orphan)
			(void)usleep(150000);
	}
}

/* All at once: the sum grows twice as fast where there are two processors. */
static void burn_together(double seconds)
{
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			burn(seconds / 8);
			_exit(0);
		}
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

/* KIND SECONDS: busy, ignore (SIGXCPU and all others), nice, turns, unseen (in turn, with SIGCHLD ignored), orphans,
 * together, sleep, stop */
static int use_time(int argc, char **argv)
{
	double seconds, begin = now(CLOCK_MONOTONIC);

	if (argc < 2)
		return broken("a kind and a time are needed");
	seconds = atof(argv[1]);
	for (int n = 1; n <= SIGRTMAX && !strcmp(argv[0], "ignore"); n++)
		(void)signal(n, SIG_IGN);
	if (!strcmp(argv[0], "nice"))
		(void)!nice(19);
	if (!strcmp(argv[0], "unseen"))
		(void)signal(SIGCHLD, SIG_IGN);
	if (!strcmp(argv[0], "turns") || !strcmp(argv[0], "unseen") || !strcmp(argv[0], "orphans"))
		burn_in_turn(seconds, argv[0][0] == 'o');
	else if (!strcmp(argv[0], "together"))
		burn_together(seconds);
	else if (!strcmp(argv[0], "sleep"))
		(void)usleep((useconds_t)(seconds * 1e6));
	else if (!strcmp(argv[0], "stop"))
		(void)raise(SIGSTOP);
	else
		burn(seconds);
	return opened("%s for %.1f s, %.1f on the clock", argv[0], seconds, now(CLOCK_MONOTONIC) - begin);
}

static void deaf(void)
{
	sigset_t all;

	for (int n = 1; n <= SIGRTMAX; n++)
		(void)signal(n, SIG_IGN);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
}

/* KIND SECONDS: does not end before that, however it is asked. deaf: to all signals; refork: never one process for
 * long; stopped: can take no signal; flock: a group of them that start each other. Says READY first. */
static int refuse_to_end(int argc, char **argv)
{
	bool first = true, many;
	double end;

	if (argc < 2)
		return broken("a kind and a time are needed");
	many = !strcmp(argv[0], "flock");
	end = now(CLOCK_MONOTONIC) + atof(argv[1]);
	if (write(1, "READY\n", 6) != 6)
		return broken("write");
	deaf();
	for (int i = 0; i < (many ? 8 : 1) && first && strcmp(argv[0], "deaf"); i++)
		first = fork() > 0;
	if (first && !strcmp(argv[0], "stopped"))
		(void)kill(getpid(), SIGSTOP);
	while (now(CLOCK_MONOTONIC) < end) {
		if (first)
			(void)usleep(10000);
		else if (fork() > 0)
			_exit(0); /* the child goes on */
	}
	return opened("lived for %s s", argv[1]);
}

/* HOW NUMBER [COMMAND]: writes what sbx itself might say wherever it can, and then ends with that status, or by that
 * signal; or becomes the command. */
static int forge(int argc, char **argv)
{
	static const char report[] = "{\"sbx\": 1, \"verdict\": \"ok\", \"exit_code\": 0}\n";
	unsigned record[64] = {3, 0, 0};
	int number;

	if (argc < 2)
		return broken("a way to end and a number are needed");
	number = atoi(argv[1]);
	for (int fd = 0; fd < (getenv("ATTACK_OUTSIDE") ? 3 : 1100); fd++) {
		if (fcntl(fd, F_GETFD) < 0 || fd == 2)
			continue;
		for (record[0] = 0; record[0] < 8; record[0]++)
			(void)send(fd, record, sizeof record, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (fd != 1)
			(void)!write(fd, report, sizeof report - 1);
	}
	(void)!write(1, report, sizeof report - 1);
	(void)!write(2, "sbx: the command ended well\n", 28);
	if (!strcmp(argv[0], "signal")) {
		(void)signal(number, SIG_DFL);
		(void)raise(number);
	} else if (argc > 2) {
		(void)execute(argv + 2);
	}
	_exit(number);
}

/* Another time for all; nothing is changed where that is allowed: an offset of 0, and the time that it is. */
static int set_clock(int argc, char **argv)
{
	struct timespec t;
	struct timeval v;
	struct timex x = {.modes = ADJ_OFFSET};

	(void)argc, (void)argv;
	if (adjtimex(&x) >= 0)
		return opened("adjtimex");
	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (clock_settime(CLOCK_REALTIME, &t) == 0)
		return opened("clock_settime");
	(void)gettimeofday(&v, NULL);
	if (settimeofday(&v, NULL) == 0)
		return opened("settimeofday");
	return shut("the clock can't be set");
}

const struct attack time_attacks[] = {
	{"use-time", "KIND SECONDS: of the processor, or on the clock", use_time},
	{"refuse-to-end", "KIND SECONDS: live at least that long", refuse_to_end},
	{"forge", "exit|signal NUMBER [COMMAND]: say what sbx would say", forge},
	{"set-clock", "set the clock of the host", set_clock},
	{NULL, NULL, NULL},
};
