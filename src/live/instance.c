/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "live/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "live/live.h"
#include "live/names.h"

#define START ".start"
#define ONE ".one"

static int open_file(const struct live_instance *in, const char *suffix, struct err *e)
{
	autofree char *file = xasprintf("%s%s", in->key, suffix);
	int fd = openat(in->folder, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	return fd >= 0 ? fd : err_errno(e, errno, "open '%s'", file);
}

/* It may have been removed between being opened and being locked: then the lock is of nothing. */
static bool is_there(const struct live_instance *in, const char *suffix, int fd)
{
	autofree char *file = xasprintf("%s%s", in->key, suffix);
	struct stat is, there;

	return fstat(fd, &is) == 0 && fstatat(in->folder, file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       is.st_ino == there.st_ino;
}

static int lock(int fd, int how, struct err *e)
{
	while (flock(fd, how) < 0)
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? -EWOULDBLOCK : err_errno(e, errno, "lock a file of what runs");
	return 0;
}

static void let_go(const struct live_instance *in, const char *suffix, int *fd)
{
	autofree char *file = xasprintf("%s%s", in->key, suffix);

	if (*fd < 0)
		return;
	(void)unlinkat(in->folder, file, 0);
	(void)flock(*fd, LOCK_UN); /* of a copy in another process, too */
	(void)close(take_fd(fd));
}

static int lock_start(struct live_instance *in, struct err *e)
{
	for (;;) {
		autoclose int fd = open_file(in, START, e);
		int r = fd < 0 ? fd : lock(fd, LOCK_EX, e);

		if (r < 0)
			return r;
		if (is_there(in, START, fd)) {
			in->start = take_fd(&fd);
			return 0;
		}
	}
}

/* Whoever starts holds the start lock, so that nobody else makes the file meanwhile; it may be removed. */
static int try_one(struct live_instance *in, struct err *e)
{
	for (;;) {
		autoclose int fd = open_file(in, ONE, e);
		int r = fd < 0 ? fd : lock(fd, LOCK_EX | LOCK_NB, e);

		if (r < 0 && r != -EWOULDBLOCK)
			return r;
		if (r == 0 && !is_there(in, ONE, fd))
			continue;
		if (r == 0 && ftruncate(fd, 0) < 0)
			return err_errno(e, errno, "write a file of what runs");
		in->first = r == 0;
		in->one = take_fd(&fd);
		if (!in->first)
			let_go(in, START, &in->start);
		return in->first;
	}
}

int live_instance_begin(const char *folder, const char *key, struct live_instance *ret, struct err *e)
{
	struct live_instance in = LIVE_INSTANCE_NONE;
	int r;

	in.key = xstrdup(key);
	in.folder = folder_own(folder, 022, e);
	r = in.folder < 0 ? in.folder : lock_start(&in, e);
	if (r == 0)
		r = try_one(&in, e);
	if (r < 0)
		live_instance_done(&in);
	else
		*ret = in;
	return r;
}

int live_instance_follow(struct live_instance *in, struct err *e)
{
	int r = lock_start(in, e);

	if (r == 0)
		r = lock(in->one, LOCK_EX, e);
	if (r < 0)
		return r;
	in->before = live_instance_said(in);
	(void)close(take_fd(&in->one));
	return try_one(in, e);
}

char live_instance_said(const struct live_instance *in)
{
	char said = 0;

	return pread(in->one, &said, 1, 0) == 1 ? said : 0;
}

int64_t live_instance_age(const struct live_instance *in)
{
	struct stat st;
	int64_t age;

	if (fstat(in->one, &st) < 0)
		return 0;
	age = clock_ns(CLOCK_REALTIME) - ((int64_t)st.st_mtim.tv_sec * NS_PER_SECOND + st.st_mtim.tv_nsec);
	return age > 0 ? age : 0;
}

void live_instance_say(struct live_instance *in, char what)
{
	if (!in->first)
		return;
	(void)!pwrite(in->one, &what, 1, 0);
	let_go(in, START, &in->start);
}

void live_instance_done(struct live_instance *in)
{
	if (in->first)
		let_go(in, ONE, &in->one);
	let_go(in, START, &in->start);
	mem_close_ptr(&in->one);
	mem_close_ptr(&in->folder);
	free(in->key);
	*in = (struct live_instance)LIVE_INSTANCE_NONE;
}
