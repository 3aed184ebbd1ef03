/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"

enum { MOST_MIB = 256, MOST_PARTS = 16, OLD_SECONDS = 600 };

static bool is_old(int above, const char *name)
{
	struct stat st;

	return fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - st.st_mtime >= OLD_SECONDS;
}

static int open_above(const char *path, struct err *e)
{
	autoclose int above = folder_own(path, 077, e);
	autostrv struct strv names = {0};

	if (above < 0)
		return above;
	if (fd_names(above, &names) < 0)
		return 0; /* then it stays as it is */
	for (size_t i = 0; i < names.count; i++)
		if (is_old(above, names.v[i]))
			folder_remove(above, names.v[i]);
	return 0;
}

/* As much as it had when it was asked for; where the payload's own position in it is counts for nothing. */
static int move_bytes(int from, int to, off_t size, struct err *e)
{
	off_t at = 0;

	while (at < size) {
		ssize_t n = sendfile(to, from, &at, (size_t)(size - at));

		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "copy the file");
		if (n == 0)
			break;
	}
	return 0;
}

/* A part of what is free, so that no number of them fills it: it is memory, which other programs of the session need.
 */
static off_t most_bytes(const char *folder)
{
	struct statvfs free = {0};
	uint64_t part = statvfs(folder, &free) < 0 ? 0 : (uint64_t)free.f_bavail * free.f_frsize / MOST_PARTS;

	return part < (uint64_t)MOST_MIB << 20 ? (off_t)part : (off_t)MOST_MIB << 20;
}

int copy_make(const char *folder, int from, const char *name, struct copy *ret, struct err *e)
{
	autoclose int to = -1;
	struct stat st;
	off_t most;
	int r;

	if (fstat(from, &st) < 0)
		return err_errno(e, errno, "look at the file");
	r = open_above(folder, e);
	if (r < 0)
		return r;
	most = most_bytes(folder);
	if (st.st_size > most)
		return err_set(e, EFBIG, "the file is larger than %lld MiB", (long long)(most >> 20));
	*ret = (struct copy){.folder = xasprintf("%s/XXXXXX", folder)};
	if (!mkdtemp(ret->folder)) {
		mem_free_ptr(&ret->folder);
		ret->folder = NULL;
		return err_errno(e, errno, "make a folder in '%s'", folder);
	}
	ret->file = xasprintf("%s/%s", ret->folder, name);
	to = open(ret->file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || fchmod(to, 0444) < 0) /* the other sandbox may be another user: root's are */
		r = err_errno(e, errno, "make '%s'", ret->file);
	else
		r = move_bytes(from, to, st.st_size, e);
	if (r < 0)
		copy_done(ret);
	return r;
}

void copy_done(struct copy *copy)
{
	if (copy->file)
		(void)unlink(copy->file);
	if (copy->folder)
		(void)rmdir(copy->folder);
	free(copy->file);
	free(copy->folder);
	*copy = (struct copy){0};
}
