/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state: what a run leaves, what the next one finds, and a program that runs beside them all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "grading.h"

enum { KEY = 0x5b78, KEY_SPEC_USER = -4 };

static const char *const places[] = {"/tmp", "/var/tmp", "/run/lock", "/dev/shm", "/run", "."};

static int anywhere(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "left-", 5) == 0)
			count++;
	if (dir)
		(void)closedir(dir);
	return count;
}

/* Leaves whatever can be left, and says what of it was made. */
static int leave(int argc, char **argv)
{
	char name[64];

	(void)argc, (void)argv;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		(void)snprintf(name, sizeof name, "%s/left-%d", places[i], (int)getpid());
		if (open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) >= 0)
			(void)printf("file in %s\n", places[i]);
	}
	if (shmget(KEY, 4096, IPC_CREAT | 0600) >= 0)
		puts("shared memory");
	if (semget(KEY, 1, IPC_CREAT | 0600) >= 0)
		puts("semaphore");
	if (msgget(KEY, IPC_CREAT | 0600) >= 0)
		puts("messages");
	if (mq_open("/left", O_RDWR | O_CREAT, 0600, NULL) >= 0)
		puts("queue");
	if (syscall(SYS_add_key, "user", "left:ANSWER=42", "x", 1, KEY_SPEC_USER) >= 0)
		puts("key");
	return 0;
}

static bool key_is_told(void)
{
	char line[512];
	FILE *keys = fopen("/proc/keys", "re");
	bool told = false;

	while (keys && fgets(line, sizeof line, keys))
		told = told || strstr(line, "left:");
	if (keys)
		(void)fclose(keys);
	return told;
}

static int processes_seen(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	if (dir)
		(void)closedir(dir);
	return count;
}

/* Status 0: nothing of a run before is here. */
static int look(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (anywhere(places[i]))
			return says(FAILED, places[i]);
	if (shmget(KEY, 0, 0) >= 0 || semget(KEY, 0, 0) >= 0 || msgget(KEY, 0) >= 0)
		return says(FAILED, "System V");
	if (mq_open("/left", O_RDONLY) >= 0)
		return says(FAILED, "queue");
	if (syscall(SYS_request_key, "user", "left:ANSWER=42", NULL, 0) >= 0 || key_is_told())
		return says(FAILED, "key");
	if (!is(argc, argv, "host") && processes_seen() > 2)
		return says(FAILED, "processes");
	errno = 0;
	return says(0, "clean");
}

/* Runs until its standard input ends, and says then how often it woke up, and how late it was at most, in ms. */
static int canary(int argc, char **argv)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	double last = now(CLOCK_MONOTONIC), worst = 0;
	unsigned long beats = 0;
	char *mine = malloc(4 * MIB);

	(void)argc, (void)argv;
	if (!mine)
		return FAILED;
	memset(mine, 'c', 4 * MIB);
	while (poll(&input, 1, 20) == 0) {
		double t = now(CLOCK_MONOTONIC);

		worst = t - last > worst ? t - last : worst;
		last = t;
		if (mine[beats++ * 4096 % (4 * MIB)] != 'c')
			return says(FAILED, "memory");
	}
	return printf("canary %lu %.0f\n", beats, worst * 1000), 0;
}

const struct program state_programs[] = {
	{"leave", leave},
	{"look", look},
	{"canary", canary},
	{NULL, NULL},
};
