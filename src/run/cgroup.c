/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup: the groups of one run, from the plan's steps to their removal. */
#include "run/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "run/cgroup-files.h"

enum { NAME_TRIES = 100, MEMBERSHIP_SIZE = 1 << 14 };

static int open_parent(const struct plan *plan, const struct step *step, struct cgroups *groups, struct err *e)
{
	const char *path = plan_text(plan, step->a);
	int fd;

	if (str_eq(plan_text(plan, step->b), "scope"))
		return cgroup_scope(groups, path, e);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(e, errno, "open cgroup '%s'", path) : fd;
}

/* The plan's word for the kind is believed only if the file system is of that kind. */
static int check_kind(int parent, bool v2, struct err *e)
{
	struct statfs st;

	if (fstatfs(parent, &st) < 0)
		return err_errno(e, errno, "look at a cgroup");
	if ((unsigned)st.f_type != (v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
		return err_set(e, EINVAL, "the parent is not in a cgroup v%d file system", v2 ? 2 : 1);
	return 0;
}

/* A name that an earlier run of the same pid may have left is passed over. */
static int make_named(int parent, char name[64], unsigned first, struct err *e)
{
	for (unsigned i = first; i < first + NAME_TRIES; i++) {
		(void)snprintf(name, 64, "sbx-%d-%u", getpid(), i);
		if (mkdirat(parent, name, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return err_errno(e, errno, "make cgroup '%s'", name);
}

/* A v1 cpuset takes no process before it has memory nodes; the parent's are no limit. */
static int fill_cpuset(int parent, int folder, struct err *e)
{
	static const char *const files[] = {"cpuset.mems", "cpuset.cpus"};
	char value[4096];

	for (size_t i = 0; i < countof(files); i++) {
		ssize_t n = fd_read_file(parent, files[i], value, sizeof value);
		int r = n < 0 ? (int)n : fd_write_file(folder, files[i], value);

		if (r < 0)
			return err_errno(e, -r, "copy '%s' into a cgroup", files[i]);
	}
	return 0;
}

static int make_group(const struct plan *plan, const struct step *step, struct cgroups *groups, struct err *e)
{
	bool v2 = !str_eq(plan_text(plan, step->b), "1");
	size_t i = groups->count;
	char name[64];
	autoclose int parent = -1;
	int folder, r;

	if (i == CGROUPS_MAX)
		return err_set(e, E2BIG, "more than %d cgroups", CGROUPS_MAX);
	parent = open_parent(plan, step, groups, e);
	if (parent < 0)
		return parent;
	r = check_kind(parent, v2, e);
	if (r == 0)
		cgroup_sweep(parent);
	if (r == 0 && v2)
		r = cgroup_enable(groups, parent, step->n, e);
	if (r == 0)
		r = make_named(parent, name, (unsigned)i, e);
	if (r < 0)
		return r;
	folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	groups->group[i].folder = folder;
	groups->group[i].parent = take_fd(&parent);
	groups->group[i].controllers = step->n;
	groups->group[i].v2 = v2;
	memcpy(groups->group[i].name, name, sizeof name);
	groups->count++; /* from here on cgroups_remove knows it */
	if (folder < 0)
		return err_errno(e, errno, "open cgroup '%s'", name);
	r = cgroup_lock(folder, e);
	if (r < 0)
		return r;
	return !v2 && (step->n & GROUP_CPUSET) ? fill_cpuset(groups->group[i].parent, folder, e) : 0;
}

static int set_value(const struct plan *plan, const struct step *step, const struct cgroups *groups, struct err *e)
{
	const char *file = plan_text(plan, step->a);

	if (step->n >= groups->count || !*file || strchr(file, '/'))
		return err_set(e, EINVAL, "'%s' is no file of a cgroup of this plan", file);
	return cgroup_write(groups->group[step->n].folder, file, plan_text(plan, step->b), e);
}

/* On v2 the kernel ends the whole group by itself; that it can't be watched then costs nothing but a moment. */
static void watch_v2(struct cgroups *groups, int folder)
{
	char path[64];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d/memory.events", folder);
	if (fd >= 0 && inotify_add_watch(fd, path, IN_MODIFY) < 0)
		mem_close_ptr(&fd);
	else
		groups->oom = fd;
}

static int watch_v1(struct cgroups *groups, int folder, struct err *e)
{
	autoclose int control = openat(folder, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	autoclose int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[64];
	int r;

	if (control < 0 || event < 0)
		return err_errno(e, errno, "watch for the end of memory");
	(void)snprintf(text, sizeof text, "%d %d", event, control);
	r = fd_write_file(folder, "cgroup.event_control", text);
	if (r < 0)
		return err_errno(e, -r, "write '%s' to 'cgroup.event_control'", text);
	groups->oom = take_fd(&event);
	return 0;
}

static int watch_memory(struct cgroups *groups, struct err *e)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (!(groups->group[i].controllers & GROUP_MEMORY))
			continue;
		if (!groups->group[i].v2)
			return watch_v1(groups, groups->group[i].folder, e);
		watch_v2(groups, groups->group[i].folder);
	}
	return 0;
}

int cgroups_create(const struct plan *plan, struct cgroups *ret, struct err *e)
{
	struct err more = {0};
	int r = 0;

	*ret = (struct cgroups)CGROUPS_NONE;
	for (size_t i = 0; i < plan->count && r == 0; i++) {
		const struct step *step = &plan->step[i];

		if (step->kind == STEP_CGROUP)
			r = make_group(plan, step, ret, e);
		else if (step->kind == STEP_CGROUP_SET)
			r = set_value(plan, step, ret, e);
		if (r < 0)
			(void)err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name,
					 plan_text(plan, step->why));
	}
	if (r == 0)
		r = watch_memory(ret, e);
	if (r < 0)
		(void)cgroups_remove(ret, &more); /* the first error is the one to tell */
	return r;
}

int cgroups_clone_fd(const struct cgroups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->group[i].v2)
			return groups->group[i].folder;
	return -1;
}

int cgroups_attach(const struct cgroups *groups, pid_t pid, struct err *e)
{
	char text[64], path[64], got[MEMBERSHIP_SIZE];
	ssize_t n;

	(void)snprintf(text, sizeof text, "%d", pid);
	for (size_t i = 0; i < groups->count; i++) {
		int r = groups->group[i].v2 ? 0 : fd_write_file(groups->group[i].folder, "cgroup.procs", text);

		if (r < 0)
			return err_errno(e, -r, "move process %d into cgroup '%s'", pid, groups->group[i].name);
	}
	(void)snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
	n = fd_read_file(AT_FDCWD, path, got, sizeof got);
	if (n < 0)
		return err_errno(e, (int)-n, "read '%s'", path);
	for (size_t i = 0; i < groups->count; i++) {
		autofree char *end = xasprintf("/%s\n", groups->group[i].name);

		if (!strstr(got, end))
			return err_set(e, EIO, "process %d is not in cgroup '%s'", pid, groups->group[i].name);
	}
	return 0;
}

void cgroups_kill(const struct cgroups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->group[i].v2)
			(void)!fd_write_file(groups->group[i].folder, "cgroup.kill", "1"); /* init's end does it too */
}

int cgroups_remove(struct cgroups *groups, struct err *e)
{
	struct err more = {0};
	int result = 0, r;

	while (groups->count) {
		size_t i = --groups->count;

		mem_close_ptr(&groups->group[i].folder);
		r = cgroup_rmdir(groups->group[i].parent, groups->group[i].name);
		if (r < 0 && result == 0)
			result = err_errno(e, -r, "remove cgroup '%s'", groups->group[i].name);
		mem_close_ptr(&groups->group[i].parent);
	}
	r = cgroup_return(groups, &more);
	if (r < 0 && result == 0) {
		result = r;
		*e = more;
	}
	mem_close_ptr(&groups->oom);
	groups->oom = -1;
	return result;
}
