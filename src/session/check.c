/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check: what a commit must not do. The host's file is newer if it was changed, or came, after the session began, by
 * the time of its last change, which no program can set; and is not what the commit would make of it, as it is when a
 * commit was cut off. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "box/place.h"
#include "session/beneath.h"
#include "session/commit.h"

enum { DEPTH = 128 };

bool commit_takes(const struct commit *commit, const struct change *change)
{
	if (!commit->paths)
		return true;
	for (const char *const *p = commit->paths; *p; p++)
		if (beneath_is_in(change->path, *p))
			return true;
	return false;
}

static int fail(const struct commit *c, const struct change *change, int code, const char *why, struct err *e)
{
	autostr struct str path = {0};

	str_add_escaped(&path, c->overlay->lower, true);
	str_add(&path, *change->path ? "/" : "");
	str_add_escaped(&path, change->path, true);
	return err_set(e, code, "'%s' can't be committed: %s", path.s, why);
}

/* A folder of the way must not become anything else, and nothing in the folder any other. */
static bool is_forbidden(const char *path, const struct change *change, const char *const *never)
{
	for (; *never; never++) {
		if (path_below(path, *never))
			return true;
		if (path_below(*never, path) && change->kind != CHANGE_SAME && change->kind != CHANGE_MODE &&
		    !(change->kind == CHANGE_ADDED && str_eq(change->what, "folder")))
			return true;
	}
	return false;
}

static int check_one(const struct commit *c, const struct change *change, struct err *e)
{
	autofree char *path = xasprintf("%s%s%s", c->overlay->lower[1] ? c->overlay->lower : "",
					*change->path ? "/" : "", change->path);

	if (change->kind == CHANGE_REFUSED && !change->lost) {
		(void)fail(c, change, EPERM, change->what, e);
		return err_hint(e, "name the paths that are to be committed, or mend it in a run of the session");
	}
	if (change->kind != CHANGE_REFUSED && change->kind != CHANGE_SAME && is_forbidden(path, change, c->never)) {
		(void)fail(c, change, EPERM, "profiles, boxes, images and sessions of sbx are there", e);
		return err_hint(e, "name the paths that are to be committed, and not this one");
	}
	return 0;
}

/* What lies in a new folder can't go to the host without it: the overlay would not see it there. */
static int check_path(const struct commit *c, const char *path, struct err *e)
{
	for (size_t i = 0; i < c->changes->count; i++) {
		const struct change *change = &c->changes->v[i];

		if (!change->pure || str_eq(change->path, path) || !beneath_is_in(path, change->path))
			continue;
		(void)fail(c, change, EINVAL, "a path in it was named, but it is new itself", e);
		return err_hint(e, "name the new folder");
	}
	return 0;
}

static bool is_after(const struct timespec *time, const struct timespec *begun)
{
	return time->tv_sec != begun->tv_sec ? time->tv_sec > begun->tv_sec : time->tv_nsec > begun->tv_nsec;
}

/* Is it, or something in it that is no folder, newer? What can't be looked at is not. */
static bool is_newer(int folder, const char *name, const struct timespec *begun, unsigned depth)
{
	autoclose int fd = -1;
	autolist DIR *list = NULL;
	const struct dirent *entry;
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (!S_ISDIR(st.st_mode))
		return is_after(&st.st_ctim, begun);
	fd = place_open_name(folder, name, O_RDONLY | O_DIRECTORY);
	list = fd >= 0 ? fd_list(fd) : NULL;
	while (list && (entry = readdir(list)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") &&
		    (depth == 0 || is_newer(fd, entry->d_name, begun, depth - 1)))
			return true;
	return false;
}

/* Something newer in a folder of the host that would be emptied of what the upper one does not have? */
static bool hides_newer(const struct commit *c, const char *path, const struct timespec *begun)
{
	const char *name, *other;
	autoclose int below = beneath_parent(c->lower, path, &name),
		      above = beneath_parent(c->overlay->upper, path, &other);
	autoclose int lower = below < 0 ? below : place_open_name(below, name, O_RDONLY | O_DIRECTORY);
	autoclose int upper = above < 0 ? above : place_open_name(above, other, O_RDONLY | O_DIRECTORY);
	autolist DIR *list = lower >= 0 && upper >= 0 ? fd_list(lower) : NULL;
	const struct dirent *entry;
	struct stat st;

	while (list && (entry = readdir(list)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") &&
		    !str_eq(entry->d_name, c->overlay->key) &&
		    fstatat(upper, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
		    is_newer(lower, entry->d_name, begun, DEPTH))
			return true;
	return false;
}

static bool conflicts(const struct commit *c, const struct change *change, const struct timespec *begun)
{
	const char *name, *other;
	autoclose int below = -1, above = -1;
	struct stat st;

	if (change->kind == CHANGE_SAME || change->kind == CHANGE_REFUSED)
		return false;
	if (change->pure && hides_newer(c, change->path, begun))
		return true;
	below = beneath_parent(c->lower, change->path, &name);
	if (below < 0 || fstatat(below, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (str_eq(change->what, "folder") && change->kind != CHANGE_REMOVED && S_ISDIR(st.st_mode))
		return false;
	if (!is_newer(below, name, begun, DEPTH))
		return false;
	above = beneath_parent(c->overlay->upper, change->path, &other);
	if (above < 0 || change->kind == CHANGE_REMOVED)
		return true;
	return !(str_eq(change->what, "link") ? change_same_link(above, below, name)
					      : change_same_file(above, below, name));
}

static int check_newer(struct commit *c, struct err *e)
{
	struct stat st;

	if (fstatat(c->overlay->folder, "begun", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "look at 'begun' in the session");
	for (size_t i = 0; i < c->changes->count; i++) {
		const struct change *change = &c->changes->v[i];

		if (!conflicts(c, change, &st.st_ctim))
			continue;
		if (!commit_takes(c, change)) {
			c->newer = true;
		} else if (!c->force) {
			(void)fail(c, change, ESTALE, "the host has changed it since the session began", e);
			return err_hint(e, "look at both; --force takes what the session has");
		}
	}
	return 0;
}

int commit_check(struct commit *c, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->changes->count; i++)
		if (commit_takes(c, &c->changes->v[i]))
			r = check_one(c, &c->changes->v[i], e);
	for (const char *const *p = c->paths; r == 0 && p && *p; p++)
		r = check_path(c, *p, e);
	return r < 0 ? r : check_newer(c, e);
}
