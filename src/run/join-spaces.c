/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/join-spaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"

enum { NESTED_MAX = 40 };

static const struct {
	const char *name;
	uint64_t flag;
} spaces_of[JOIN_SPACES] = {{"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"uts", CLONE_NEWUTS},
			    {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"mnt", CLONE_NEWNS}};

static int open_space(pid_t pid, const char *name, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/ns/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) /* it ends just now: a process has none any more before it is a zombie */
		return err_set(e, ESRCH, "the sandbox's command has ended");
	return fd >= 0 ? fd : err_errno(e, errno, "open '%s'", path);
}

/* Is it process 2 of the namespace below init's, and init's child, and lives? By the kernel's own text. */
static bool is_payload(pid_t pid, pid_t init)
{
	autofree char *path = xasprintf("/proc/%d/status", pid), *parent = xasprintf("\nPPid:\t%d\n", init);
	char text[8192], *line, *last;

	if (fd_read_file(AT_FDCWD, path, text, sizeof text) <= 0 || !strstr(text, parent) ||
	    strstr(text, "\nState:\tZ") || strstr(text, "\nState:\tX"))
		return false;
	line = strstr(text, "\nNSpid:");
	if (!line)
		return false;
	line[1 + strcspn(line + 1, "\n")] = '\0';
	last = strrchr(line, '\t');
	return last && str_eq(last + 1, "2");
}

/* The first command lives as long as the sandbox. */
static pid_t find_payload(pid_t init)
{
	autofree char *path = xasprintf("/proc/%d/task/%d/children", init, init), *text = xmalloc(1 << 18);
	char *rest = NULL;

	if (fd_read_file(AT_FDCWD, path, text, 1 << 18) <= 0)
		return 0;
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		pid_t pid = (pid_t)strtol(word, NULL, 10);

		if (pid > 0 && is_payload(pid, init))
			return pid;
	}
	return 0;
}

static bool is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* From where the payload is up to the one whose parent is the caller's own; the one below that is the inner. */
static int climb(pid_t payload, struct join_spaces *s, struct err *e)
{
	autoclose int own = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	s->outer = own < 0 ? err_errno(e, errno, "open '/proc/self/ns/user'") : open_space(payload, "user", e);
	for (int i = 0; s->outer >= 0 && i < NESTED_MAX; i++) {
		int parent = ioctl(s->outer, NS_GET_PARENT);

		if (parent < 0)
			return err_errno(e, errno, "find the sandbox's user namespace");
		if (is_same(parent, own)) {
			(void)close(parent);
			return 0;
		}
		mem_close_ptr(&s->inner);
		s->inner = s->outer;
		s->outer = parent;
	}
	return s->outer < 0 ? -e->code : err_set(e, ELOOP, "the sandbox's user namespace is not below the caller's");
}

static int open_owned(pid_t payload, size_t at, struct join_spaces *s, struct err *e)
{
	autoclose int fd = open_space(payload, spaces_of[at].name, e), owner = -1;

	if (fd < 0)
		return fd;
	owner = ioctl(fd, NS_GET_USERNS);
	if (owner < 0)
		return err_errno(e, errno, "find whose the %s namespace is", spaces_of[at].name);
	if (!is_same(owner, s->outer))
		return err_set(e, EPERM, "the sandbox's command has left its %s namespace", spaces_of[at].name);
	s->other[at] = take_fd(&fd);
	return 0;
}

int join_spaces_open(pid_t init, uint64_t new, struct join_spaces *ret, struct err *e)
{
	struct join_spaces s = JOIN_SPACES_NONE;
	pid_t payload = find_payload(init);
	int r = payload ? climb(payload, &s, e) : err_set(e, ESRCH, "the sandbox's command has ended");

	for (size_t i = 0; r == 0 && i < JOIN_SPACES; i++)
		if (new &spaces_of[i].flag)
			r = open_owned(payload, i, &s, e);
	if (payload && !is_payload(payload, init)) /* that pid may have been another's for a while */
		r = err_set(e, ESRCH, "the sandbox's command has ended");
	if (r < 0)
		join_spaces_close(&s);
	else
		*ret = s;
	return r;
}

bool join_spaces_lives(pid_t init)
{
	return find_payload(init) != 0;
}

void join_spaces_close(struct join_spaces *spaces)
{
	mem_close_ptr(&spaces->outer);
	mem_close_ptr(&spaces->inner);
	for (size_t i = 0; i < JOIN_SPACES; i++)
		mem_close_ptr(&spaces->other[i]);
	*spaces = (struct join_spaces)JOIN_SPACES_NONE;
}

int join_spaces_enter(const struct join_spaces *spaces)
{
	if (syscall(SYS_setns, spaces->outer, CLONE_NEWUSER) < 0)
		return -errno;
	for (size_t i = 0; i < JOIN_SPACES; i++)
		if (spaces->other[i] >= 0 && syscall(SYS_setns, spaces->other[i], 0) < 0)
			return -errno;
	return 0;
}
