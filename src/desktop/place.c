/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"

enum { MOST_BYTES = 1 << 20, MOST_NAMES = 20000, DEPTH = 4 };
#define COMING ".sbx-new"

static bool ends_with(const char *text, const char *ending)
{
	size_t len = strlen(text), end = strlen(ending);

	return len > end && str_eq(text + len - end, ending);
}

static void add_names(int folder, const char *prefix, const char *ending, int depth, struct strv *ret)
{
	autostrv struct strv names = {0};

	if (fd_names(folder, &names) < 0)
		return;
	for (size_t i = 0; i < names.count && ret->count < MOST_NAMES; i++) {
		autofree char *name = xasprintf("%s%s", prefix, names.v[i]), *below = NULL;
		autoclose int deeper = -1;

		if (ends_with(name, ending)) {
			strv_take(ret, take(name));
			continue;
		}
		if (depth > 0)
			deeper = openat(folder, names.v[i], O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
		if (deeper < 0)
			continue;
		below = xasprintf("%s/", name);
		add_names(deeper, below, ending, depth - 1, ret);
	}
}

void place_names(const char *folder, const char *ending, struct strv *ret)
{
	autoclose int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t from = ret->count;

	if (fd >= 0)
		add_names(fd, "", ending, DEPTH, ret);
	strv_sort(ret, from);
}

int place_read(const char *folder, const char *name, struct str *ret, struct err *e)
{
	autofree char *path = xasprintf("%s/%s", folder, name);
	autoclose int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "read '%s'", path);
	r = S_ISREG(st.st_mode) ? fd_read_all(fd, MOST_BYTES, ret) : -EINVAL;
	return r < 0 ? err_errno(e, -r, "read '%s'", path) : 0;
}

static bool is_same(int folder, const char *a, const char *b)
{
	struct stat x, y;

	return fstatat(folder, a, &x, AT_SYMLINK_NOFOLLOW) == 0 && fstatat(folder, b, &y, AT_SYMLINK_NOFOLLOW) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool place_has_kept(const char *folder, const char *name)
{
	autofree char *path = xasprintf("%s/%s", folder, name), *kept = xasprintf("%s" PLACE_KEPT, path);
	struct stat st;

	return lstat(kept, &st) == 0 && !is_same(AT_FDCWD, path, kept);
}

void place_forget_kept(const char *folder, const char *name)
{
	autofree char *kept = xasprintf("%s/%s" PLACE_KEPT, folder, name);

	(void)unlink(kept);
}

/* The folder that the name is in, to be synced; and the last part of the name. */
static int open_above(const char *folder, const char *name, bool make, const char **ret_last, struct err *e)
{
	autofree char *path = xasprintf("%s/%s", folder, name);
	char *slash = strrchr(path, '/');
	autoclose int found = -1;
	int fd;

	*slash = '\0';
	*ret_last = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	if (make && (found = folder_make(path, 0700, "", e)) < 0)
		return found;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(e, errno, "open the folder '%s'", path) : fd;
}

static int write_new(int folder, const char *coming, const struct str *text, mode_t mode)
{
	autoclose int fd = -1;
	int r;

	if (unlinkat(folder, coming, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(folder, coming, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	r = fd < 0 ? -errno : fd_write(fd, text->s, text->len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r < 0 && fd >= 0)
		(void)unlinkat(folder, coming, 0);
	return r;
}

/* A second name of the same file; so it was, where an earlier call was ended in between. */
static int keep_own(int folder, const char *last, const char *kept)
{
	if (linkat(folder, last, folder, kept, 0) == 0 || errno == ENOENT)
		return 0;
	return errno == EEXIST && is_same(folder, last, kept) ? 0 : -errno;
}

int place_put(const char *folder, const char *name, const struct str *text, mode_t mode, bool keep, struct err *e)
{
	const char *last;
	autoclose int above = open_above(folder, name, true, &last, e);
	autofree char *coming = NULL, *kept = NULL;
	int r;

	if (above < 0)
		return above;
	coming = xasprintf("%s" COMING, last);
	kept = xasprintf("%s" PLACE_KEPT, last);
	r = write_new(above, coming, text, mode);
	if (r == 0 && keep)
		r = keep_own(above, last, kept);
	if (r == 0 && (renameat(above, coming, above, last) < 0 || fsync(above) < 0))
		r = -errno;
	if (r == 0)
		return 0;
	(void)unlinkat(above, coming, 0);
	(void)err_errno(e, -r, "write '%s/%s'", folder, name);
	return r == -EEXIST ? err_hint(e, "'%s" PLACE_KEPT "' is there already: give it another name", name) : r;
}

int place_restore(const char *folder, const char *name, struct err *e)
{
	const char *last;
	autoclose int above = open_above(folder, name, false, &last, e);
	autofree char *coming = NULL, *kept = NULL;
	int r = 0;

	if (above < 0)
		return above;
	coming = xasprintf("%s" COMING, last);
	kept = xasprintf("%s" PLACE_KEPT, last);
	(void)unlinkat(above, coming, 0);
	if (is_same(above, last, kept)) /* renaming one name of a file to another does nothing */
		r = unlinkat(above, kept, 0) < 0 ? -errno : 0;
	else if (renameat(above, kept, above, last) < 0)
		r = errno == ENOENT ? (unlinkat(above, last, 0) < 0 ? -errno : 0) : -errno;
	if (r == 0 && fsync(above) < 0)
		r = -errno;
	return r < 0 ? err_errno(e, -r, "take '%s/%s' away", folder, name) : 0;
}
