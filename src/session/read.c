/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "box/place.h"
#include "session/below.h"

enum { MOST_CHANGES = 4 << 20, MOST_BYTES = 256 << 20 };

const char *const change_word[CHANGE_KINDS] = {
	[CHANGE_SAME] = "same",       [CHANGE_ADDED] = "added",       [CHANGE_CHANGED] = "changed",
	[CHANGE_REMOVED] = "removed", [CHANGE_REPLACED] = "replaced", [CHANGE_OPAQUE] = "opaque",
	[CHANGE_MODE] = "mode",       [CHANGE_REFUSED] = "refused",
};

/* What is still to do in a folder that was gone into. */
struct level {
	struct strv names; /* the next one is the last */
	size_t path_len;   /* of the folder's path */
	bool below;        /* the host's is looked at, too */
};

struct reader {
	const char *key;
	struct place upper;
	struct below lower;
	struct level *level; /* of each folder above, and of this */
	struct str path;
	struct changes *ret;
};

/* One name of the folder. */
struct pair {
	const char *name;
	struct stat upper, lower;
	int below; /* the folder that has it there, too; negative: none */
};

static const struct level *here(const struct reader *r)
{
	return &r->level[r->upper.depth];
}

/* The newest change; NULL: there are too many. */
static struct change *add(struct reader *r, enum change_kind kind, const char *what)
{
	struct changes *c = r->ret;

	if (c->count >= MOST_CHANGES || c->bytes + r->path.len > MOST_BYTES)
		return NULL;
	c->v = xgrow(c->v, c->count, &c->cap, sizeof *c->v);
	c->bytes += r->path.len;
	c->v[c->count] = (struct change){.kind = kind, .what = what, .path = xstrdup(r->path.s)};
	return &c->v[c->count++];
}

static int refuse(struct reader *r, const char *why, bool lost)
{
	struct change *change = add(r, CHANGE_REFUSED, why);

	if (change)
		change->lost = lost;
	return change ? 0 : -E2BIG;
}

static bool has(int folder, const char *name, const char *attr)
{
	char value[2];

	return below_attribute(folder, name, attr, value) >= 0 || errno == ERANGE;
}

/* Why the overlayfs of a sandbox has not made it so, or nothing is to be done with it; NULL: all is well. */
static const char *special(const struct reader *r, const struct pair *p, bool *ret_lost)
{
	mode_t type = p->upper.st_mode & S_IFMT;

	*ret_lost = true;
	if (type == S_IFIFO || type == S_IFSOCK || type == S_IFCHR || type == S_IFBLK)
		return type == S_IFIFO ? "fifo" : type == S_IFSOCK ? "socket" : "device";
	*ret_lost = false;
	if (str_eq(p->name, r->key))
		return "name of sbx's own";
	if (!S_ISLNK(type) &&
	    (has(r->upper.fd, p->name, "user.overlay.redirect") || has(r->upper.fd, p->name, "user.overlay.metacopy")))
		return "attribute that no sandbox makes";
	return NULL;
}

static const char *type_word(mode_t mode)
{
	return S_ISDIR(mode) ? "folder" : S_ISLNK(mode) ? "link" : S_ISREG(mode) ? "file" : "special file";
}

static bool same_owner(const struct pair *p)
{
	return p->upper.st_uid == p->lower.st_uid && p->upper.st_gid == p->lower.st_gid;
}

static enum change_kind compare_file(const struct reader *r, const struct pair *p)
{
	const struct stat *a = &p->upper, *b = &p->lower;

	if (a->st_size != b->st_size || a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
	    a->st_mtim.tv_nsec != b->st_mtim.tv_nsec || !same_owner(p) ||
	    !change_same_file(r->upper.fd, p->below, p->name))
		return CHANGE_CHANGED;
	return a->st_mode == b->st_mode ? CHANGE_SAME : CHANGE_MODE;
}

static enum change_kind compare(const struct reader *r, const struct pair *p)
{
	if (p->below < 0)
		return CHANGE_ADDED;
	if ((p->upper.st_mode & S_IFMT) != (p->lower.st_mode & S_IFMT))
		return CHANGE_REPLACED;
	if (S_ISREG(p->upper.st_mode))
		return compare_file(r, p);
	return same_owner(p) && change_same_link(r->upper.fd, p->below, p->name) ? CHANGE_SAME : CHANGE_CHANGED;
}

static int read_link(const struct reader *r, const char *name, char **ret)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(r->upper.fd, name, text, sizeof text);

	if (n < 0)
		return -errno;
	*ret = xstrndup(text, (size_t)n);
	return 0;
}

static int file_or_link(struct reader *r, const struct pair *p)
{
	enum change_kind kind = compare(r, p);
	struct change *change;

	if (kind == CHANGE_SAME)
		return 0;
	if (S_ISREG(p->upper.st_mode)) {
		autoclose int fd = place_open_name(r->upper.fd, p->name, O_RDONLY);

		if (fd == -EACCES)
			return refuse(r, "file that is closed to the caller", false);
	}
	change = add(r, kind, type_word(p->upper.st_mode));
	if (!change)
		return -E2BIG;
	if (S_ISLNK(p->upper.st_mode))
		return read_link(r, p->name, &change->link);
	change->mode = p->upper.st_mode & 0777;
	change->setuid = p->upper.st_mode & 06000;
	change->size = (uint64_t)p->upper.st_size;
	return 0;
}

static int list(int folder, struct strv *ret);

/* Goes into a folder of the upper one, and of the lower one if that is seen through it. 1: it is closed. */
static int enter(struct reader *r, const char *name, bool below)
{
	struct level *level;
	int s = place_enter(&r->upper, name);

	if (s == 0 && below) {
		s = below_enter(&r->lower, name);
		if (s < 0) {
			int left = -1;

			(void)place_leave(&r->upper, &left);
			mem_close_ptr(&left);
		}
	}
	if (s < 0)
		return s == -EACCES || s == -EXDEV || s == -ELOOP ? 1 : s;
	level = &r->level[r->upper.depth];
	level->below = below;
	level->path_len = r->path.len;
	return list(r->upper.fd, &level->names);
}

static enum change_kind folder_kind(const struct reader *r, const struct pair *p)
{
	char value[2];

	if (p->below < 0)
		return CHANGE_ADDED;
	if (!S_ISDIR(p->lower.st_mode))
		return CHANGE_REPLACED;
	if (below_attribute(r->upper.fd, p->name, "user.overlay.opaque", value) == 1 && value[0] == 'y')
		return CHANGE_OPAQUE;
	return (p->upper.st_mode & 01777) == (p->lower.st_mode & 01777) && same_owner(p) ? CHANGE_SAME : CHANGE_MODE;
}

static int folder(struct reader *r, const struct pair *p)
{
	enum change_kind kind = folder_kind(r, p);
	bool below = kind == CHANGE_SAME || kind == CHANGE_MODE;
	size_t len = r->path.len;
	struct change *change;
	int s;

	if (r->upper.depth + 1 >= CHANGE_DEPTH)
		return refuse(r, "folder that is too deep", false);
	change = add(r, kind, "folder");
	if (!change)
		return -E2BIG;
	change->mode = p->upper.st_mode & 01777;
	change->pure = !below;
	s = enter(r, p->name, below);
	r->path.len = len;
	if (s != 1)
		return s;
	change->kind = CHANGE_REFUSED;
	change->what = "folder that is closed to the caller, or a mount";
	return 0;
}

/* What became of one name; of a folder, it is gone into. */
static int one(struct reader *r, const char *name)
{
	struct pair p = {.name = name};
	const char *why;
	bool lost;

	if (fstatat(r->upper.fd, name, &p.upper, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	p.below = here(r)->below ? below_find(&r->lower, name, &p.lower) : -ENOENT;
	if (below_is_whiteout(r->upper.fd, name, &p.upper)) {
		if (p.below < 0)
			return 0;
		return add(r, CHANGE_REMOVED, type_word(p.lower.st_mode)) ? 0 : -E2BIG;
	}
	why = special(r, &p, &lost);
	if (why)
		return refuse(r, why, lost);
	return S_ISDIR(p.upper.st_mode) ? folder(r, &p) : file_or_link(r, &p);
}

static int backwards(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

/* The names of a folder, the first one last. */
static int list(int folder, struct strv *ret)
{
	int r = fd_names(folder, ret);

	if (r == 0 && ret->count)
		qsort(ret->v, ret->count, sizeof *ret->v, backwards);
	return r;
}

static int leave(struct reader *r)
{
	autoclose int left = -1;
	struct level *level = &r->level[r->upper.depth];
	int s = level->below ? below_leave(&r->lower) : 0;

	strv_done(&level->names);
	*level = (struct level){0};
	return s < 0 ? s : place_leave(&r->upper, &left);
}

static int walk(struct reader *r)
{
	int s = list(r->upper.fd, &r->level[0].names);

	while (s == 0) {
		struct level *level = &r->level[r->upper.depth];
		autofree char *name = NULL;

		if (!level->names.count) {
			if (r->upper.depth == 0)
				return 0;
			s = leave(r);
			continue;
		}
		name = level->names.v[--level->names.count];
		level->names.v[level->names.count] = NULL;
		r->path.len = level->path_len;
		r->path.s[r->path.len] = '\0';
		str_addf(&r->path, "%s%s", r->path.len ? "/" : "", name);
		s = one(r, name);
	}
	return s;
}

/* The folder itself is always seen through. Its owner is the caller's where it could be no other; that of an image is
 * made by sbx. */
static int top(struct reader *r)
{
	struct stat upper, lower;
	struct change *change;

	if (fstat(r->upper.fd, &upper) < 0 || fstat(r->lower.layer[0].fd, &lower) < 0)
		return -errno;
	change =
		add(r, r->lower.image || (upper.st_mode & 01777) == (lower.st_mode & 01777) ? CHANGE_SAME : CHANGE_MODE,
		    "folder");
	if (!change)
		return -E2BIG;
	change->mode = upper.st_mode & 01777;
	r->level[0].below = true;
	return 0;
}

int session_read(const struct session_overlay *overlay, const int *lower, size_t count, struct changes *ret,
		 struct err *e)
{
	struct reader r = {.key = overlay->key, .upper = PLACE_NONE, .lower = BELOW_NONE, .ret = ret};
	int s;

	r.level = xcalloc(CHANGE_DEPTH, sizeof *r.level);
	str_add(&r.path, "");
	s = place_open(overlay->upper, &r.upper);
	if (s == 0)
		s = below_open(lower, count, session_is_image(overlay), &r.lower);
	if (s == 0)
		s = top(&r);
	if (s == 0)
		s = walk(&r);
	place_done(&r.upper);
	below_done(&r.lower);
	for (size_t i = 0; i < CHANGE_DEPTH; i++)
		strv_done(&r.level[i].names);
	free(r.level);
	str_done(&r.path);
	if (s == -E2BIG)
		return err_set(e, E2BIG, "more has changed in '%s' than can be listed", overlay->lower);
	return s < 0 ? err_errno(e, -s, "read what has changed in '%s'", overlay->lower) : 0;
}

int session_lower(const struct session_overlay *overlay, struct err *e)
{
	int fd = fd_open_plain(overlay->lower, O_RDONLY | O_DIRECTORY, 0);

	return fd >= 0 ? fd : err_errno(e, errno, "open '%s', of which the session has changes", overlay->lower);
}

void changes_done(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->v[i].path);
		free(changes->v[i].link);
	}
	free(changes->v);
	*changes = (struct changes){0};
}
