/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "live/live.h"
#include "live/names.h"

char *live_file_name(const char *name)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char *file = xstrndup(name, LIVE_NAME_MAX);

	for (char *p = file; *p; p++)
		if (!strchr(bytes, *p) || (p == file && *p == '.'))
			*p = '_';
	return file;
}

/* The file may be removed between being opened and being locked: then the lock is of nothing. */
static int lock_file(int folder, const char *file, struct err *e)
{
	for (int tries = 0; tries < 64; tries++) {
		autoclose int fd = openat(folder, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		struct stat is, there;

		if (fd < 0)
			return err_errno(e, errno, "open '%s'", file);
		if (flock(fd, LOCK_EX | LOCK_NB) < 0)
			return errno == EWOULDBLOCK ? err_set(e, EBUSY, "a sandbox of that name runs")
						    : err_errno(e, errno, "lock '%s'", file);
		if (fstat(fd, &is) == 0 && fstatat(folder, file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		    is.st_ino == there.st_ino)
			return take_fd(&fd);
	}
	return err_set(e, EAGAIN, "'%s' is removed again and again", file);
}

int live_claim(const char *folder, const char *name, struct live *ret, struct err *e)
{
	struct live live = LIVE_NONE;
	autofree char *file = NULL;

	live.name = live_file_name(name);
	live.folder = folder_own(folder, 022, e);
	file = xasprintf("%s" LIVE_LOCK, live.name);
	if (live.folder >= 0)
		live.lock = lock_file(live.folder, file, e);
	if (live.lock < 0) {
		mem_close_ptr(&live.folder);
		free(live.name);
		return err_prefix(e, "'%s'", name);
	}
	*ret = live;
	return 0;
}

int live_write_file(int folder, const char *name, const char *suffix, const struct str *text, struct err *e)
{
	autofree char *file = xasprintf("%s%s", name, suffix), *coming = xasprintf("%s.new", file);
	autoclose int fd = openat(folder, coming, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r = fd < 0 ? -errno : fd_write(fd, text->s, text->len);

	if (r == 0 && renameat(folder, coming, folder, file) < 0)
		r = -errno;
	return r < 0 ? err_errno(e, -r, "write '%s'", file) : 0;
}

/* The record comes last: who is listed can be joined. */
int live_tell(const struct live *live, const struct json *record, const struct str *plan, struct err *e)
{
	autostr struct str text = {0};
	int r = live_write_file(live->folder, live->name, LIVE_PLAN, plan, e);

	json_print_line(record, &text);
	return r < 0 ? r : live_write_file(live->folder, live->name, LIVE_RECORD, &text, e);
}

void live_remove(int folder, const char *name)
{
	static const char *const suffixes[] = {LIVE_RECORD,      LIVE_PLAN,           LIVE_CHANGES, LIVE_RECORD ".new",
					       LIVE_PLAN ".new", LIVE_CHANGES ".new", LIVE_LOCK};

	for (size_t i = 0; i < countof(suffixes); i++) {
		autofree char *file = xasprintf("%s%s", name, suffixes[i]);

		(void)unlinkat(folder, file, 0);
	}
}

void live_let_go(struct live *live)
{
	if (live->lock >= 0)
		live_remove(live->folder, live->name);
	mem_close_ptr(&live->lock);
	mem_close_ptr(&live->folder);
	free(live->name);
	*live = (struct live)LIVE_NONE;
}
