/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/root.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"

enum { READ_MAX = 64 * 1024 * 1024 };

int root_fd(const char *path, struct err *e)
{
	int fd = open(path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_errno(e, errno, "open the root '%s'", path ? path : "/") : fd;
}

/* A pipe or a terminal must not stop the reader; openat2 takes no such flag beside O_PATH. */
static uint64_t with_care(int flags)
{
	return (uint64_t)(flags & O_PATH ? flags : flags | O_NONBLOCK | O_NOCTTY);
}

int root_open(int root, const char *path, int flags)
{
	return sys_openat2(root, path, with_care(flags), 0, RESOLVE_IN_ROOT);
}

int root_open_plain(int root, const char *path, int flags)
{
	return sys_openat2(root, path, with_care(flags | O_NOFOLLOW), 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

int root_look(int root, const char *path, struct stat *ret)
{
	return fstatat(root, path[1] ? path + 1 : ".", ret, AT_SYMLINK_NOFOLLOW);
}

int root_read_link(int root, const char *path, char **ret)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(root, path + 1, text, sizeof text);

	if (n < 0)
		return -errno;
	if (n == 0 || (size_t)n == sizeof text)
		return -ENAMETOOLONG;
	*ret = xstrndup(text, (size_t)n);
	return 0;
}

int root_read(int root, const char *path, struct str *ret)
{
	autoclose int fd = root_open(root, path, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? fd_read_all(fd, READ_MAX, ret) : -EINVAL;
}

int root_list(int root, const char *path, struct strv *ret)
{
	autoclose int fd = root_open(root, path, O_RDONLY | O_DIRECTORY);
	size_t before = ret->count;
	int r = fd < 0 ? -errno : fd_names(fd, ret);

	strv_sort(ret, before);
	return r;
}

/* Those of `above` that have something of that name, which may be a pattern. */
static void match_name(int root, const struct strv *above, const char *name, struct strv *ret)
{
	for (size_t i = 0; i < above->count; i++) {
		autostrv struct strv names = {0};

		if (!strpbrk(name, "*?[")) {
			autofree char *path = xasprintf("%s/%s", above->v[i], name);
			autoclose int fd = root_open(root, path, O_PATH);

			if (fd >= 0)
				strv_take(ret, take(path));
			continue;
		}
		(void)root_list(root, above->v[i][0] ? above->v[i] : "/", &names); /* no folder: no names */
		for (size_t j = 0; j < names.count; j++)
			if (fnmatch(name, names.v[j], FNM_PERIOD) == 0)
				strv_take(ret, xasprintf("%s/%s", above->v[i], names.v[j]));
	}
}

void root_glob(int root, const char *pattern, struct strv *ret)
{
	struct strv found = {0};

	strv_add(&found, "");
	for (const char *p = pattern; *(p += strspn(p, "/"));) {
		autofree char *name = xstrndup(p, strcspn(p, "/"));
		struct strv next = {0};

		match_name(root, &found, name, &next);
		strv_done(&found);
		found = next;
		p += strlen(name);
	}
	for (size_t i = 0; i < found.count; i++)
		strv_add(ret, found.v[i]);
	strv_done(&found);
}
