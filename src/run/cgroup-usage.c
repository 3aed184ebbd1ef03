/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-usage: what the groups of a run used, in one vocabulary for both versions. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "run/cgroup-files.h"

enum { TEXT_SIZE = 4096, OOM_KILL_TRIES = 40 };
#define OOM_KILL_PAUSE_NS 500000

static int64_t number(int folder, const char *file)
{
	char text[TEXT_SIZE], *end;
	int64_t n;

	if (fd_read_file(folder, file, text, sizeof text) <= 0)
		return -1;
	n = strtoll(text, &end, 10);
	return end == text ? -1 : n;
}

/* The number after KEY in a file of "KEY NUMBER" lines. */
static int64_t keyed(int folder, const char *file, const char *key)
{
	char text[TEXT_SIZE];
	size_t len = strlen(key);

	if (fd_read_file(folder, file, text, sizeof text) <= 0)
		return -1;
	for (const char *line = text; *line;) {
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return strtoll(line + len, NULL, 10);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return -1;
}

static int64_t us(int64_t n)
{
	return n < 0 ? -1 : n * 1000;
}

int64_t cgroups_cpu(const struct cgroups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		int folder = groups->group[i].folder;

		if (groups->group[i].v2)
			return us(keyed(folder, "cpu.stat", "usage_usec"));
		if (groups->group[i].controllers & GROUP_CPUACCT)
			return number(folder, "cpuacct.usage");
	}
	return -1;
}

/* Only where the share is limited does the kernel count it. */
static void share_usage(int folder, bool v2, struct cgroup_usage *ret)
{
	ret->throttled_ns =
		v2 ? us(keyed(folder, "cpu.stat", "throttled_usec")) : keyed(folder, "cpu.stat", "throttled_time");
}

static void memory_usage(int folder, bool v2, struct cgroup_usage *ret)
{
	ret->memory_peak = number(folder, v2 ? "memory.peak" : "memory.max_usage_in_bytes");
	ret->oom_kills = keyed(folder, v2 ? "memory.events" : "memory.oom_control", "oom_kill");
}

static void process_usage(int folder, struct cgroup_usage *ret)
{
	int64_t peak = number(folder, "pids.peak");

	ret->processes_peak = peak > 0 ? peak - 1 : peak;
	ret->processes_hits = keyed(folder, "pids.events", "max");
}

void cgroups_usage(const struct cgroups *groups, struct cgroup_usage *ret)
{
	*ret = (struct cgroup_usage){cgroups_cpu(groups), -1, -1, -1, -1, -1};
	for (size_t i = 0; i < groups->count; i++) {
		int folder = groups->group[i].folder;
		bool v2 = groups->group[i].v2;
		uint64_t controllers = groups->group[i].controllers;

		if (controllers & GROUP_CPU)
			share_usage(folder, v2, ret);
		if (controllers & GROUP_MEMORY)
			memory_usage(folder, v2, ret);
		if (controllers & GROUP_PIDS)
			process_usage(folder, ret);
	}
}

static bool killed(const struct cgroups *groups)
{
	struct cgroup_usage usage;

	cgroups_usage(groups, &usage);
	return usage.oom_kills > 0;
}

bool cgroups_out_of_memory(const struct cgroups *groups)
{
	const struct timespec pause = {.tv_nsec = OOM_KILL_PAUSE_NS};
	char events[TEXT_SIZE];
	bool v2 = cgroups_clone_fd(groups) >= 0;

	while (read(groups->oom, events, sizeof events) < 0 && errno == EINTR)
		; /* eventfd or inotify: only that it came counts */
	for (int i = 0; i < OOM_KILL_TRIES && !v2 && !killed(groups); i++)
		(void)nanosleep(&pause, NULL);
	return killed(groups);
}
