/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/cputime.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { PIDS_MAX = 1 << 16 };

struct pids {
	pid_t *v;
	size_t count, cap;
};

/* Fields 16 and 17 of /proc/PID/stat (proc(5)): time of the children that were waited for, in ticks. */
static int64_t waited_for(pid_t pid)
{
	char path[64], buf[1024], *p;
	unsigned long user = 0, system = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (fd_read_file(AT_FDCWD, path, buf, sizeof buf) < 0)
		return 0;
	p = strrchr(buf, ')'); /* the name before it may hold anything */
	if (!p || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return 0;
	return (int64_t)(user + system) * (NS_PER_SECOND / sysconf(_SC_CLK_TCK));
}

static int64_t own_time(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

/* Appends the children of one thread. */
static void add_children_of(int tasks, const char *thread, struct pids *pids)
{
	char path[64], buf[65536], *p = buf, *end;

	(void)snprintf(path, sizeof path, "%.16s/children", thread);
	if (fd_read_file(tasks, path, buf, sizeof buf) <= 0)
		return;
	for (;; p = end) {
		pid_t child = (pid_t)strtol(p, &end, 10);

		if (end == p || child <= 0)
			return;
		pids->v = xgrow(pids->v, pids->count, &pids->cap, sizeof *pids->v);
		pids->v[pids->count++] = child;
	}
}

/* Appends the children of all threads: each has its own, even when the first thread has ended. */
static void add_children(pid_t pid, struct pids *pids)
{
	char path[64];
	DIR *tasks;
	struct dirent *entry;

	(void)snprintf(path, sizeof path, "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return;
	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			add_children_of(dirfd(tasks), entry->d_name, pids);
	(void)closedir(tasks);
}

int64_t cputime_tree(pid_t init)
{
	struct pids pids = {0};
	int64_t sum = waited_for(init);

	add_children(init, &pids);
	for (size_t i = 0; i < pids.count && i < PIDS_MAX; i++) {
		sum += own_time(pids.v[i]) + waited_for(pids.v[i]);
		add_children(pids.v[i], &pids);
	}
	free(pids.v);
	return sum;
}
