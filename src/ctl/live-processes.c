/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-processes: which processes belong to a sandbox: the children of its init and theirs, and what shares their pid
 * namespace, which nobody leaves (a command that has joined is the child of another sbx). */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/live.h"

struct process {
	pid_t pid, parent;
	ino_t space; /* 0: it may not be seen */
	int64_t cpu_ns;
	uint64_t memory, start;
	bool stopped; /* or dead */
	size_t of;    /* which sandbox, from 1 on; 0: none */
};

struct processes {
	struct process *v;
	size_t count, cap;
};

static ino_t pid_namespace(const char *pid)
{
	autofree char *path = xasprintf("/proc/%s/ns/pid", pid);
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

/* proc(5), /proc/PID/stat: field 3 state, 4 parent, 14 and 15 ticks, 22 start, 24 pages. */
static bool read_process(const char *pid, struct process *ret)
{
	autofree char *path = xasprintf("/proc/%s/stat", pid);
	long ticks = sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE);
	char text[2048];
	const char *p = fd_read_file(AT_FDCWD, path, text, sizeof text) > 0 ? strrchr(text, ')') : NULL;

	*ret = (struct process){.pid = (pid_t)strtol(pid, NULL, 10)};
	if (!p)
		return false;
	p = strchr(p, ' ');
	ret->stopped = p && p[1] && strchr("TtZXx", p[1]);
	for (int field = 4; p && field <= 24; field++) {
		p = strchr(p + 1, ' ');
		if (p && field == 4)
			ret->parent = (pid_t)strtol(p, NULL, 10);
		if (p && (field == 14 || field == 15) && ticks > 0)
			ret->cpu_ns += strtoll(p, NULL, 10) * (NS_PER_SECOND / ticks);
		if (p && field == 22)
			ret->start = strtoull(p, NULL, 10);
		if (p && field == 24)
			ret->memory = (uint64_t)strtoll(p, NULL, 10) * (uint64_t)page;
	}
	ret->space = pid_namespace(pid);
	return true;
}

static void read_all(struct processes *all)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	struct process one;

	while (proc && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !read_process(entry->d_name, &one))
			continue;
		all->v = xgrow(all->v, all->count, &all->cap, sizeof *all->v);
		all->v[all->count++] = one;
	}
	if (proc)
		(void)closedir(proc);
}

static struct process *find(const struct processes *all, pid_t pid)
{
	size_t low = 0, high = all->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (all->v[middle].pid == pid)
			return &all->v[middle];
		if (all->v[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Each gets what its parent has, until nothing changes. One that is older than its parent has lost its own since it was
 * looked at, and the pid is another's. */
static void follow_parents(struct processes *all)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < all->count; i++) {
			const struct process *parent = all->v[i].of ? NULL : find(all, all->v[i].parent);

			if (!parent || !parent->of || parent->start > all->v[i].start)
				continue;
			all->v[i].of = parent->of;
			changed = true;
		}
	}
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const struct process *)a)->pid, y = ((const struct process *)b)->pid;

	return x < y ? -1 : x > y;
}

static void begin(struct processes *all, const struct live_list *list)
{
	read_all(all);
	if (all->count)
		qsort(all->v, all->count, sizeof *all->v, by_pid);
	for (size_t i = 0; i < list->count; i++) {
		struct process *init = find(all, list->v[i].init);

		if (init && init->start == list->v[i].init_start)
			init->of = i + 1;
	}
}

/* A sandbox without namespaces is in that of this process, with all others: there only parents tell. */
static void follow_spaces(struct processes *all)
{
	ino_t own = pid_namespace("self");

	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; !all->v[i].of && k < all->count; k++)
			if (all->v[k].of && all->v[k].space && all->v[k].space != own &&
			    all->v[k].space == all->v[i].space)
				all->v[i].of = all->v[k].of;
}

struct live_use *live_uses(const struct live_list *list)
{
	struct live_use *uses = xcalloc(list->count + 1, sizeof *uses);
	autofree size_t *cap = xcalloc(list->count + 1, sizeof *cap);
	struct processes all = {0};

	if (list->count)
		begin(&all, list);
	follow_parents(&all);
	follow_spaces(&all);
	follow_parents(&all);
	for (size_t i = 0; i < all.count; i++) {
		const struct process *p = &all.v[i];
		struct live_use *use = p->of ? &uses[p->of - 1] : NULL;

		if (!use)
			continue;
		use->cpu_ns += p->cpu_ns;
		use->memory += p->memory;
		if (p->pid == list->v[p->of - 1].init)
			continue;
		use->process = xgrow(use->process, use->processes, &cap[p->of - 1], sizeof *use->process);
		use->process[use->processes++] = (struct live_process){p->pid, p->start, p->stopped};
	}
	free(all.v);
	return uses;
}

void live_uses_done(struct live_use *uses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(uses[i].process);
	free(uses);
}
