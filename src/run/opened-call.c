/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opened-call: from a call that waits to the path that it means. */
#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "base/mem.h"
#include "base/sys.h"
#include "run/bpf-run.h"
#include "run/opened.h"

enum { PIECE = 4096 /* no page is smaller */ };

#if defined __x86_64__
enum { NATIVE = AUDIT_ARCH_X86_64 };
#else
enum { NATIVE = AUDIT_ARCH_AARCH64 };
#endif

/* Which of its arguments mean what; -1: none does. */
struct kind {
	uint32_t arch;
	int number, folder, path, flags;
	unsigned how; /* where no flags say it */
};

static const struct kind kinds[] = {
#if defined __x86_64__
	{NATIVE, SYS_open, -1, 0, 1, 0},
	{NATIVE, SYS_creat, -1, 0, -1, OPENED_WRITE},
	{AUDIT_ARCH_I386, 5, -1, 0, 1, 0},
	{AUDIT_ARCH_I386, 8, -1, 0, -1, OPENED_WRITE},
	{AUDIT_ARCH_I386, 11, -1, 0, -1, OPENED_EXECUTE},
	{AUDIT_ARCH_I386, 295, 0, 1, 2, 0},
	{AUDIT_ARCH_I386, 358, 0, 1, 4, OPENED_EXECUTE},
#endif
	{NATIVE, SYS_openat, 0, 1, 2, 0},
	{NATIVE, SYS_execve, -1, 0, -1, OPENED_EXECUTE},
	{NATIVE, SYS_execveat, 0, 1, 4, OPENED_EXECUTE},
};

struct caller {
	pid_t pid;
	int folder; /* of /proc, by which a process that is gone can't be taken for another */
	int root;
	bool apart; /* its root is not that of its mounts, from which paths are told */
};

static const struct kind *kind_of(const struct seccomp_data *data)
{
	for (size_t i = 0; i < countof(kinds); i++)
		if (kinds[i].arch == data->arch && kinds[i].number == data->nr)
			return &kinds[i];
	return NULL;
}

static unsigned how_of(const struct kind *kind, const struct seccomp_data *data)
{
	unsigned flags = kind->flags >= 0 ? (unsigned)data->args[kind->flags] : 0;

	if (kind->how)
		return kind->how;
	if (flags & O_PATH)
		return 0;
	return ((flags & O_ACCMODE) != O_WRONLY ? OPENED_READ : 0) |
	       ((flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC ? OPENED_WRITE : 0);
}

/* A text of the caller's memory, page by page. 0, or a negative errno; ENAMETOOLONG: the kernel takes it as little. */
static int read_text(pid_t pid, uint64_t address, char text[PATH_MAX])
{
	size_t len = 0;

	while (len < PATH_MAX) {
		uint64_t at = address + len;
		size_t room = PIECE - at % PIECE;
		struct iovec local = {text + len, room < PATH_MAX - len ? room : PATH_MAX - len};
		struct iovec remote = {(void *)(uintptr_t)at, local.iov_len};
		ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

		if (n <= 0)
			return n < 0 ? -errno : -EFAULT;
		if (memchr(text + len, '\0', (size_t)n))
			return 0;
		len += (size_t)n;
	}
	return -ENAMETOOLONG;
}

/* What a link of the caller's folder leads to, as a text of its mount namespace. EOVERFLOW: /proc has no room for it.
 */
static int read_link(const struct caller *caller, const char *name, char text[PATH_MAX])
{
	ssize_t n = readlinkat(caller->folder, name, text, PATH_MAX);

	if (n < 0 || n == PATH_MAX)
		return n < 0 && errno != ENAMETOOLONG ? -errno : -EOVERFLOW;
	text[n] = '\0';
	return 0;
}

static int open_caller(pid_t pid, struct caller *ret)
{
	char text[PATH_MAX];
	int r;

	(void)snprintf(text, sizeof text, "/proc/%d", pid);
	*ret = (struct caller){.pid = pid, .folder = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC), .root = -1};
	if (ret->folder < 0)
		return -errno;
	ret->root = openat(ret->folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = ret->root < 0 ? -errno : read_link(ret, "root", text);
	ret->apart = r == 0 && !str_eq(text, "/");
	return r;
}

/* What stands before the path, a text without links. ENOTDIR: nothing can, and the call fails. */
static int read_base(const struct caller *caller, int folder, bool absolute, char text[PATH_MAX])
{
	char name[32] = "cwd";
	int r;

	if (absolute)
		return read_link(caller, "root", text);
	if (folder != AT_FDCWD)
		(void)snprintf(name, sizeof name, "fd/%d", folder);
	r = read_link(caller, name, text);
	if (r == -ENOENT && folder != AT_FDCWD)
		return -ENOTDIR;
	return r == 0 && text[0] != '/' ? -ENOTDIR : r;
}

/* The path that the call means, owned by the caller; without one it fails by itself. */
static int path_of(const struct caller *caller, const struct kind *kind, const struct seccomp_data *data, char **ret)
{
	int folder = kind->folder >= 0 ? (int)data->args[kind->folder] : AT_FDCWD;
	char path[PATH_MAX], base[PATH_MAX];
	int r = read_text(caller->pid, data->args[kind->path], path);

	if (r < 0)
		return r;
	if (!path[0] && !(kind->how && kind->flags >= 0 && data->args[kind->flags] & AT_EMPTY_PATH))
		return -ENOTDIR;
	r = read_base(caller, folder, path[0] == '/', base);
	if (r == 0)
		*ret = xasprintf("%s/%s", base, path);
	return r;
}

/* 0, or a negative errno, where the path is not known. */
static int look(const struct seccomp_notif *call, const struct kind *kind, struct caller *caller, char **ret_path,
		enum opened_found *ret_found)
{
	autofree char *path = NULL;
	int r = open_caller((pid_t)call->pid, caller);

	if (r == 0)
		r = path_of(caller, kind, &call->data, &path);
	if (r < 0)
		return r;
	*ret_path = opened_normal(caller->apart ? -1 : caller->root, path);
	*ret_found = opened_find(caller->apart ? -1 : caller->root, *ret_path);
	return 0;
}

static bool fails_by_itself(int r)
{
	return r == -EFAULT || r == -ENAMETOOLONG || r == -ENOTDIR;
}

bool opened_take(struct monitor *m, const struct seccomp_notif *call)
{
	const char *without = plan_text(m->plan, m->opened->step->data);
	const struct kind *kind = kind_of(&call->data);
	struct caller caller = {.folder = -1, .root = -1};
	autofree char *path = NULL;
	uint64_t id = call->id;
	enum opened_found found;
	int r;

	if (!kind || bpf_run(without, m->opened->step->size, &call->data) != SECCOMP_RET_ALLOW)
		return false;
	r = look(call, kind, &caller, &path, &found);
	mem_close_ptr(&caller.root);
	mem_close_ptr(&caller.folder);
	/* what was looked at was the caller only if it waits still */
	if (ioctl(m->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0)
		return true;
	if (r == 0)
		opened_add(m->opened, path, how_of(kind, &call->data), found);
	else if (!fails_by_itself(r))
		m->opened->unread++;
	return true;
}
