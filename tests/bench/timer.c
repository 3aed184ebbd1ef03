/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* timer: runs commands in turn, ROUNDS times each, and prints the minimum, the median and the 95th percentile of each.
 *
 *   timer ROUNDS NAME [-u UID:GID] COMMAND [ARG]... [:: NAME [-u UID:GID] COMMAND [ARG]...]...
 *
 * With -u root starts the command as that user, without groups. The rounds of all commands are interleaved, so that a
 * slow moment of the machine meets all of them. Prints a line "NAME min p50 p95" a command, in microseconds. Fails if
 * any run of a command fails. The commands get /dev/null as their standard streams; if fd 9 is open, it is rewound
 * before each run, for a launcher that reads its filter from there. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE "timer ROUNDS NAME [-u UID:GID] COMMAND [ARG]... [:: NAME [-u UID:GID] COMMAND [ARG]...]..."

enum { COMMANDS_MAX = 16, WARM_UP = 5, ROUNDS_MAX = 100000, REWOUND_FD = 9 };

struct command {
	const char *name;
	char **argv;
	bool other; /* runs as uid, gid */
	uid_t uid;
	gid_t gid;
	uint64_t *time;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "timer: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static void take_user(struct command *c)
{
	unsigned uid, gid;

	if (!c->argv[0] || strcmp(c->argv[0], "-u"))
		return;
	if (!c->argv[1] || sscanf(c->argv[1], "%u:%u", &uid, &gid) != 2)
		fail(c->name, "-u takes UID:GID");
	c->other = true;
	c->uid = uid;
	c->gid = gid;
	c->argv += 2;
}

static int split(int argc, char **argv, struct command *commands)
{
	int count = 0;

	for (int i = 0; i < argc; i++) {
		if (count == COMMANDS_MAX)
			fail(argv[i], "too many commands");
		commands[count] = (struct command){.name = argv[i], .argv = argv + i + 1};
		for (i++; i < argc && strcmp(argv[i], "::"); i++)
			;
		argv[i] = NULL;
		take_user(&commands[count]);
		if (!commands[count++].argv[0])
			fail("usage", USAGE);
	}
	return count;
}

static int launch(const struct command *c, int null)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		(void)dup2(null, STDERR_FILENO);
		if (c->other && (setgroups(0, NULL) < 0 || setresgid(c->gid, c->gid, c->gid) < 0 ||
				 setresuid(c->uid, c->uid, c->uid) < 0))
			_exit(126);
		(void)execv(c->argv[0], c->argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		fail(c->name, strerror(errno));
	return status;
}

static uint64_t run(const struct command *c, int null)
{
	uint64_t start;

	(void)lseek(REWOUND_FD, 0, SEEK_SET);
	start = now();
	if (launch(c, null) != 0)
		fail(c->name, "the command failed");
	return now() - start;
}

static int quiet(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		fail("/dev/null", strerror(errno));
	return fd;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print(int fd, const struct command *c, size_t rounds)
{
	qsort(c->time, rounds, sizeof(*c->time), ascending);
	dprintf(fd, "%s %.1f %.1f %.1f\n", c->name, (double)c->time[0] / 1e3, (double)c->time[rounds / 2] / 1e3,
		(double)c->time[rounds * 95 / 100] / 1e3);
}

int main(int argc, char **argv)
{
	struct command commands[COMMANDS_MAX] = {0};
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	int count, out, null;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		fail("usage", USAGE);
	count = split(argc - 2, argv + 2, commands);
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	null = quiet();
	for (int i = 0; i < count; i++) {
		commands[i].time = calloc((size_t)rounds, sizeof(*commands[i].time));
		if (!commands[i].time)
			fail("memory", strerror(errno));
	}
	for (long round = -WARM_UP; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			uint64_t time = run(&commands[i], null);

			if (round >= 0)
				commands[i].time[round] = time;
		}
	for (int i = 0; i < count; i++)
		print(out, &commands[i], (size_t)rounds);
	return EXIT_SUCCESS;
}
