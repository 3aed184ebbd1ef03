/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* talk: the network of one's own, and the two sides of an interactive problem. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grading.h"

/* A connection to oneself. */
static int loopback(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)argc, (void)argv;
	if (bind(server, (struct sockaddr *)&address, size) < 0 || listen(server, 1) < 0 ||
	    getsockname(server, (struct sockaddr *)&address, &size) < 0)
		return says(FAILED, "bind");
	return connect(client, (struct sockaddr *)&address, size) < 0 ? says(FAILED, "connect") : 0;
}

/* The judge has a number from 1 to 1000 in mind; LARGE, HIGH, LOW and FOUND are its answers. Status 42: found. Whoever
 * talks to others ignores SIGPIPE, as every judge of an interactive problem has to. */
static int judge(int argc, char **argv)
{
	int secret = (int)number(argc, argv, 0, 371), guess;

	(void)signal(SIGPIPE, SIG_IGN);
	for (int turns = 0; turns < 20; turns++) {
		if (scanf("%d", &guess) != 1)
			return 43;
		(void)puts(guess == secret ? "FOUND" : guess < secret ? "HIGHER" : "LOWER");
		if (fflush(stdout) != 0)
			return 44;
		if (guess == secret)
			return 42;
	}
	return 43;
}

static int solve(int argc, char **argv)
{
	int low = 1, high = 1000;
	char answer[16];

	(void)argc, (void)argv;
	for (;;) {
		int guess = (low + high) / 2;

		(void)printf("%d\n", guess);
		(void)fflush(stdout);
		if (scanf("%15s", answer) != 1)
			return FAILED;
		if (strcmp(answer, "FOUND") == 0)
			return 0;
		if (strcmp(answer, "HIGHER") == 0)
			low = guess + 1;
		else
			high = guess - 1;
	}
}

/* One side of a talk that goes wrong: silent (neither reads nor writes), no-read, read (waits for a word), early
 * (ends at once), early-1, shut (closes its input, and waits), shut-out, message (1 MiB before it reads), crash */
static int side(int argc, char **argv)
{
	static char block[MIB];

	if (is(argc, argv, "ignore") || is(argc, argv, "message"))
		(void)signal(SIGPIPE, SIG_IGN);
	memset(block, '1', sizeof block);
	if (is(argc, argv, "early"))
		return 0;
	if (is(argc, argv, "early-1"))
		return FAILED;
	if (is(argc, argv, "crash"))
		abort();
	if (is(argc, argv, "shut"))
		(void)close(0);
	if (is(argc, argv, "shut-out"))
		(void)close(1);
	if (is(argc, argv, "no-read") || is(argc, argv, "ignore"))
		for (;;)
			if (write(1, block, sizeof block) < 0)
				return 44;
	if (is(argc, argv, "message"))
		for (size_t done = 0; done < sizeof block;) {
			ssize_t n = write(1, block, sizeof block - done);

			if (n < 0)
				return 44;
			done += (size_t)n;
		}
	if (is(argc, argv, "read") || is(argc, argv, "message"))
		return read(0, block, sizeof block) > 0 ? 0 : 43;
	for (;;)
		(void)pause();
}

const struct program talk_programs[] = {
	{"loopback", loopback}, {"judge", judge}, {"solve", solve}, {"side", side}, {NULL, NULL},
};
