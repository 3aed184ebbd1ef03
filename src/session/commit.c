/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "box/carry-file.h"
#include "box/clear.h"
#include "box/place.h"
#include "session/beneath.h"

/* Where one change is on both sides. */
struct spot {
	int lower, upper; /* the folders that hold it, by O_PATH */
	const char *name;
	const char *temp; /* a name that nothing else has */
	struct stat st;   /* in the upper folder; not of what is removed */
};

static int spot_open(const struct commit *c, const struct change *change, struct spot *ret)
{
	const char *name;

	*ret = (struct spot){.lower = beneath_parent(c->lower, change->path, &name), .upper = -1};
	if (ret->lower < 0)
		return ret->lower;
	ret->upper = beneath_parent(c->overlay->upper, change->path, &ret->name);
	if (ret->upper < 0)
		return ret->upper;
	ret->temp = c->overlay->key;
	if (unlinkat(ret->lower, ret->temp, 0) < 0 && errno != ENOENT) /* of a commit that was cut off */
		return -errno;
	if (change->kind == CHANGE_REMOVED)
		return 0;
	return fstatat(ret->upper, ret->name, &ret->st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static void spot_done(struct spot *spot)
{
	mem_close_ptr(&spot->lower);
	mem_close_ptr(&spot->upper);
}

/* What is made belongs to whom it belongs in the upper folder. */
static int give(int folder, const char *name, const struct stat *owner)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return -errno;
	if (st.st_uid == owner->st_uid && st.st_gid == owner->st_gid)
		return 0;
	return fchownat(folder, name, owner->st_uid, owner->st_gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0 ? -errno
													     : 0;
}

/* A folder can't be replaced by a rename of what is none. */
static int no_folder(const struct spot *spot, struct err *e)
{
	struct stat st;

	if (fstatat(spot->lower, spot->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return clear_tree(spot->lower, spot->name, e);
}

static int copy(const struct spot *spot, int to)
{
	autoclose int from = place_open_name(spot->upper, spot->name, O_RDONLY);
	autofree char *buffer = xmalloc(CARRY_BUFFER);
	uint64_t left = UINT64_MAX;
	struct copy copy = {from, to, buffer, &left};
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	struct stat st;
	int r;

	if (from < 0)
		return from;
	if (fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	r = carry_content(&copy, st.st_size);
	if (r == 0)
		r = give(to, "", &st);
	if (r < 0)
		return r;
	times[1] = st.st_mtim;
	if (fchmod(to, st.st_mode & 0777) < 0 || futimens(to, times) < 0 || fsync(to) < 0)
		return -errno;
	return 0;
}

static int apply_file(const struct spot *spot)
{
	autoclose int to = openat(spot->lower, spot->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = to < 0 ? -errno : copy(spot, to);

	if (r == 0 && renameat(spot->lower, spot->temp, spot->lower, spot->name) < 0)
		r = -errno;
	if (r < 0 && to >= 0)
		(void)unlinkat(spot->lower, spot->temp, 0);
	return r;
}

/* Where others may write in the folder, the name may be of another thing by now, which the owner must not get. */
static int give_link(const struct spot *spot)
{
	autoclose int fd = place_open_name(spot->lower, spot->temp, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	return S_ISLNK(st.st_mode) ? give(fd, "", &spot->st) : -ESTALE;
}

static int apply_link(const struct spot *spot, const char *text)
{
	int r;

	if (symlinkat(text, spot->lower, spot->temp) < 0)
		return -errno;
	r = give_link(spot);
	if (r == 0 && renameat(spot->lower, spot->temp, spot->lower, spot->name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(spot->lower, spot->temp, 0);
	return r;
}

static int set_mode_of(int fd, mode_t mode)
{
	char path[32];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return chmod(path, mode) < 0 ? -errno : 0;
}

static int set_mode(int folder, const char *name, mode_t mode)
{
	autoclose int fd = place_open_name(folder, name, O_PATH | O_DIRECTORY);

	return fd < 0 ? fd : set_mode_of(fd, mode);
}

/* Only of the file that was compared: whoever may write in the folder could put one there that he must not read. */
static int apply_mode(const struct spot *spot, mode_t mode)
{
	autoclose int fd = place_open_name(spot->lower, spot->name, O_PATH);
	const struct stat *a = &spot->st;
	struct stat b;

	if (fd < 0 || fstat(fd, &b) < 0)
		return fd < 0 ? fd : -errno;
	if (!S_ISREG(b.st_mode) || a->st_size != b.st_size || a->st_uid != b.st_uid || a->st_gid != b.st_gid ||
	    a->st_mtim.tv_sec != b.st_mtim.tv_sec || a->st_mtim.tv_nsec != b.st_mtim.tv_nsec)
		return -ESTALE;
	return set_mode_of(fd, mode);
}

/* What the upper folder does not have, that of the host must not have. */
static int purge(const struct spot *spot, int lower, struct err *e)
{
	autoclose int upper = place_open_name(spot->upper, spot->name, O_RDONLY | O_DIRECTORY);
	autolist DIR *list = upper >= 0 ? fd_list(lower) : NULL;
	const struct dirent *entry;
	struct stat st;

	if (!list)
		return err_errno(e, upper < 0 ? -upper : errno, "read the folder");
	while ((errno = 0, entry = readdir(list))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		if (fstatat(upper, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)))
			continue;
		if (clear_tree(lower, entry->d_name, e) < 0)
			return -e->code;
	}
	return errno ? err_errno(e, errno, "read the folder") : 0;
}

/* It is there afterwards, and open to its owner until all in it is done. */
static int apply_folder(const struct spot *spot, const struct change *change, struct err *e)
{
	autoclose int fd = -1;
	bool was_there = change->kind == CHANGE_SAME || change->kind == CHANGE_MODE;
	struct stat st = {0};
	bool is_there = fstatat(spot->lower, spot->name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (was_there && !(is_there && S_ISDIR(st.st_mode)))
		return err_set(e, ESTALE, "the host's folder has gone meanwhile");
	if (is_there && !S_ISDIR(st.st_mode) && unlinkat(spot->lower, spot->name, 0) < 0)
		return err_errno(e, errno, "remove what is there");
	if (*change->path && mkdirat(spot->lower, spot->name, 0700) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make the folder");
	if (fstatat(spot->lower, spot->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "look at the folder");
	if ((st.st_mode & S_IRWXU) != S_IRWXU)
		(void)set_mode(spot->lower, spot->name, (st.st_mode & 07777) | S_IRWXU);
	fd = place_open_name(spot->lower, spot->name, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return err_errno(e, -fd, "open the folder");
	if (unlinkat(fd, spot->temp, 0) < 0 && errno != ENOENT)
		return err_errno(e, errno, "remove '%s'", spot->temp);
	return change->pure ? purge(spot, fd, e) : 0;
}

static int apply_one(const struct spot *spot, const struct change *change, struct err *e)
{
	int r;

	if (change->kind == CHANGE_REMOVED)
		return clear_tree(spot->lower, spot->name, e);
	if (S_ISDIR(spot->st.st_mode))
		return apply_folder(spot, change, e);
	r = no_folder(spot, e);
	if (r < 0)
		return r;
	if (change->kind == CHANGE_MODE)
		r = apply_mode(spot, change->mode);
	else
		r = change->link ? apply_link(spot, change->link) : apply_file(spot);
	return r < 0 ? err_errno(e, -r, "make it on the host") : 0;
}

/* The last thing of a folder, when all in it is there. */
static int close_folder(const struct spot *spot, const struct change *change, struct err *e)
{
	autoclose int fd = place_open_name(spot->lower, spot->name, O_PATH | O_DIRECTORY);
	struct stat st;
	int r = fd < 0 ? fd : 0;

	if (r == 0 && *change->path)
		r = give(fd, "", &spot->st);
	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	if (r == 0 && (st.st_mode & 01777) != change->mode)
		r = set_mode_of(fd, change->mode | (st.st_mode & S_ISGID));
	return r < 0 ? err_errno(e, -r, "set its mode") : 0;
}

static int do_one(const struct commit *c, const struct change *change, bool closing, struct err *e)
{
	autostr struct str path = {0};
	struct spot spot;
	int r = spot_open(c, change, &spot);

	if (r < 0)
		(void)err_errno(e, -r, "open it");
	else
		r = closing ? close_folder(&spot, change, e) : apply_one(&spot, change, e);
	spot_done(&spot);
	if (r >= 0)
		return 0;
	str_add_escaped(&path, c->overlay->lower, true);
	str_add(&path, "/");
	str_add_escaped(&path, change->path, true);
	return err_prefix(e, "commit '%s'", path.s);
}

int commit_apply(const struct commit *c, struct err *e)
{
	for (size_t i = 0; i < c->changes->count; i++) {
		const struct change *change = &c->changes->v[i];

		if (change->kind != CHANGE_REFUSED && commit_takes(c, change) && do_one(c, change, false, e) < 0)
			return -e->code;
	}
	for (size_t i = c->changes->count; i-- > 0;) {
		const struct change *change = &c->changes->v[i];

		if (change->kind != CHANGE_REFUSED && change->kind != CHANGE_REMOVED &&
		    str_eq(change->what, "folder") && commit_takes(c, change) && do_one(c, change, true, e) < 0)
			return -e->code;
	}
	return syncfs(c->lower) < 0 ? err_errno(e, errno, "write '%s' to its disk", c->overlay->lower) : 0;
}

/* The upper folder is exchanged for an empty one. */
static int finish_all(const struct commit *c, struct err *e)
{
	int folder = c->overlay->folder;

	if (session_make_upper(folder, "done", c->overlay->lower, e) < 0)
		return -e->code;
	if (renameat2(folder, "done", folder, "upper", RENAME_EXCHANGE) < 0)
		return err_errno(e, errno, "exchange two folders of the session");
	return clear_tree(folder, "done", e);
}

static bool is_folder(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Each path that is asked for goes by itself. */
static int finish_paths(const struct commit *c, struct err *e)
{
	autoclose int done = -1, stamp = -1;
	unsigned number = 0;

	if (mkdirat(c->overlay->folder, "done", 0700) < 0)
		return err_errno(e, errno, "make 'done' in the session");
	done = place_open_name(c->overlay->folder, "done", O_PATH | O_DIRECTORY);
	for (const char *const *p = c->paths; *p; p++) {
		const char *name;
		autoclose int above = beneath_parent(c->overlay->upper, *p, &name);
		char to[16];

		(void)snprintf(to, sizeof to, "%u", number++);
		if (above >= 0 && is_folder(above, name)) /* to move one is to write to it */
			(void)set_mode(above, name, S_IRWXU);
		if (above >= 0 && renameat(above, name, done, to) < 0 && errno != ENOENT)
			return err_errno(e, errno, "take '%s' out of the session", name);
	}
	if (!c->newer) { /* all the rest was compared with the host as it is now */
		stamp = openat(c->overlay->folder, "begun", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
		if (stamp < 0 || futimens(stamp, NULL) < 0)
			return err_errno(e, errno, "change 'begun' in the session");
	}
	return clear_tree(c->overlay->folder, "done", e);
}

int commit_finish(const struct commit *c, struct err *e)
{
	if (clear_tree(c->overlay->folder, "done", e) < 0)
		return -e->code;
	return c->paths ? finish_paths(c, e) : finish_all(c, e);
}
