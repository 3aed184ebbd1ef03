/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* processes: others, and what this one was given. The one that is looked for was started for that. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "probe/probe.h"

static int has_word(const char *pid, const char *word)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	for (char *p = text; p < text + n; p += strlen(p) + 1)
		if (strcmp(p, word) == 0)
			return 1;
	return 0;
}

/* Its id in this process's own /proc, or 0. */
static pid_t find(const char *word)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (proc && !found && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && has_word(entry->d_name, word))
			found = (pid_t)strtol(entry->d_name, NULL, 10);
	if (proc)
		(void)closedir(proc);
	return found;
}

int try_find(const char *what, char identity[IDENTITY_SIZE])
{
	(void)identity;
	return find(what) ? 0 : ESRCH;
}

int try_signal(const char *what, char identity[IDENTITY_SIZE])
{
	pid_t pid = find(what);

	(void)identity;
	if (!pid)
		return ESRCH;
	return kill(pid, 0) < 0 ? errno : 0;
}

int try_memory(const char *what, char identity[IDENTITY_SIZE])
{
	char path[64];
	pid_t pid = find(what);
	int fd;

	(void)identity;
	if (!pid)
		return ESRCH;
	(void)snprintf(path, sizeof path, "/proc/%ld/mem", (long)pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

int try_segment(const char *what, char identity[IDENTITY_SIZE])
{
	(void)identity;
	return shmat((int)strtol(what, NULL, 10), NULL, SHM_RDONLY) == (void *)-1 ? errno : 0;
}

/* The value itself is not told: a digest says whether it is the same. */
int try_variable(const char *what, char identity[IDENTITY_SIZE])
{
	const char *value = getenv(what);
	uint64_t digest = UINT64_C(14695981039346656037);

	if (!value)
		return ENOENT;
	for (; *value; value++)
		digest = (digest ^ (unsigned char)*value) * UINT64_C(1099511628211);
	(void)snprintf(identity, IDENTITY_SIZE, "%016jx", (uintmax_t)digest);
	return 0;
}
