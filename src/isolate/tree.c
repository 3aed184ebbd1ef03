/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

enum { TRIES = 8 };

/* A folder on the way from the top to the one that is open. */
struct level {
	dev_t dev;
	ino_t ino;
	struct strv folders; /* below it; the last is the next, or the one that is open now */
};

struct walk {
	const struct tree_task *task;
	int fd; /* of the last level */
	struct level *level;
	size_t count, cap;
};

/* A folder that its owner has shut is opened for it: that is us, or we may open any. */
static int open_folder(int above, const char *name)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK };
	int fd = openat(above, name, FLAGS);
	autoclose int path = -1;
	char link[32];
	struct stat st;

	if (fd >= 0 && faccessat(fd, ".", R_OK | W_OK | X_OK, 0) == 0)
		return fd;
	if (fd < 0 && errno != EACCES)
		return -1;
	mem_close_ptr(&fd);
	path = openat(above, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (path < 0 || fstat(path, &st) < 0)
		return -1;
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", path);
	if (chmod(link, (st.st_mode & 07777) | 0700) < 0)
		return -1;
	return openat(above, name, FLAGS);
}

/* Goes down into a folder. */
static int enter(struct walk *w, const char *name, struct err *e)
{
	int fd = open_folder(w->fd, name);
	struct stat st;

	if (fd < 0)
		return err_errno(e, errno, "open folder '%s' of the box", name);
	if (fstat(fd, &st) < 0 || (w->task->give && !w->task->remove && fchown(fd, w->task->uid, w->task->gid) < 0)) {
		(void)err_errno(e, errno, "take over folder '%s' of the box", name);
		mem_close_ptr(&fd);
		return -e->code;
	}
	w->level = xgrow(w->level, w->count, &w->cap, sizeof *w->level);
	w->level[w->count++] = (struct level){.dev = st.st_dev, .ino = st.st_ino};
	mem_close_ptr(&w->fd);
	w->fd = fd;
	return 0;
}

/* Goes up again, if that is still where we came from. */
static int leave(struct walk *w, struct err *e)
{
	const struct level *above = &w->level[w->count - 2];
	autoclose int fd = openat(w->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "go back to a folder of the box");
	if (st.st_dev != above->dev || st.st_ino != above->ino)
		return err_set(e, ESTALE, "a folder of the box was moved while it was walked");
	strv_done(&w->level[--w->count].folders);
	mem_close_ptr(&w->fd);
	w->fd = take_fd(&fd);
	return 0;
}

static bool may_give(const struct tree_task *task, const struct stat *st)
{
	return S_ISDIR(st->st_mode) || st->st_nlink == 1 || st->st_uid == task->of[0] || st->st_uid == task->of[1];
}

/* One name of the open folder. */
static int take_entry(struct walk *w, const char *name, struct err *e)
{
	const struct tree_task *task = w->task;
	struct level *level = &w->level[w->count - 1];
	struct stat st;

	if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(e, errno, "look at '%s' of the box", name);
	if (S_ISDIR(st.st_mode)) {
		strv_add(&level->folders, name);
		return 0;
	}
	if (task->remove || (task->drop_special && !S_ISREG(st.st_mode))) {
		if (unlinkat(w->fd, name, 0) < 0 && errno != ENOENT)
			return err_errno(e, errno, "remove '%s' of the box", name);
		return 0;
	}
	if (task->give && may_give(task, &st) && (st.st_uid != task->uid || st.st_gid != task->gid) &&
	    fchownat(w->fd, name, task->uid, task->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "give '%s' of the box to user %u", name, task->uid);
	return 0;
}

/* Does what is to be done with all that is no folder, and remembers the folders. */
static int take_entries(struct walk *w, struct err *e)
{
	autolist DIR *list = fd_list(w->fd);
	const struct dirent *entry;

	if (!list)
		return err_errno(e, errno, "read a folder of the box");
	while ((errno = 0, entry = readdir(list)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") && take_entry(w, entry->d_name, e) < 0)
			return -e->code;
	return errno ? err_errno(e, errno, "read a folder of the box") : 0;
}

static void forget_last(struct strv *list)
{
	free(list->v[--list->count]);
	list->v[list->count] = NULL;
}

/* The folder that was left is done with. Some file systems skip names while others go, so it may have to be read once
 * more. */
static int finish_folder(struct walk *w, size_t *tries, struct err *e)
{
	struct strv *folders = &w->level[w->count - 1].folders;
	const char *name = folders->v[folders->count - 1];

	if (w->task->remove && unlinkat(w->fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT) {
		if (errno == ENOTEMPTY && ++*tries < TRIES)
			return 0; /* it is still the next */
		return err_errno(e, errno, "remove folder '%s' of the box", name);
	}
	*tries = 0;
	forget_last(folders);
	return 0;
}

static int walk(struct walk *w, struct err *e)
{
	size_t tries = 0;
	int r = take_entries(w, e);

	while (r == 0) {
		struct strv *folders = &w->level[w->count - 1].folders;

		if (folders->count) {
			r = enter(w, folders->v[folders->count - 1], e);
			if (r == 0)
				r = take_entries(w, e);
			continue;
		}
		if (w->count == 1)
			return 0;
		r = leave(w, e);
		if (r == 0)
			r = finish_folder(w, &tries, e);
	}
	return r;
}

int tree_do(int above, const char *name, const struct tree_task *task, struct err *e)
{
	struct walk w = {.task = task, .fd = fcntl(above, F_DUPFD_CLOEXEC, 3)};
	int r = w.fd < 0 ? err_errno(e, errno, "duplicate the fd of a folder") : enter(&w, name, e);

	if (r == 0)
		r = walk(&w, e);
	mem_close_ptr(&w.fd);
	while (w.count)
		strv_done(&w.level[--w.count].folders);
	free(w.level);
	return r;
}
