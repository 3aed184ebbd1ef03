/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/mem.h"

ssize_t below_attribute(int folder, const char *name, const char *attr, char ret[2])
{
	char path[NAME_MAX + 64];
	int n = snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, name);

	if (n >= 0 && (size_t)n < sizeof path)
		return lgetxattr(path, attr, ret, 2);
	errno = ENAMETOOLONG;
	return -1;
}

bool below_is_whiteout(int folder, const char *name, const struct stat *st)
{
	char value[2];

	if (S_ISCHR(st->st_mode))
		return st->st_rdev == makedev(0, 0);
	return S_ISREG(st->st_mode) && st->st_size == 0 &&
	       (below_attribute(folder, name, "user.overlay.whiteout", value) >= 0 || errno == ERANGE);
}

static bool is_opaque(int folder)
{
	char value[2];

	return fgetxattr(folder, "user.overlay.opaque", value, sizeof value) == 1 && value[0] == 'y';
}

static bool is_here(const struct below *below, size_t layer)
{
	return below->layer[layer].depth == below->depth;
}

int below_open(const int *folder, size_t count, bool image, struct below *ret)
{
	struct below below = {.layer = xcalloc(count + 1, sizeof *below.layer), .image = image};
	int r = 0;

	for (; r == 0 && below.count < count; below.count++) {
		below.layer[below.count] = (struct place)PLACE_NONE;
		r = place_open(folder[below.count], &below.layer[below.count]);
	}
	if (r < 0)
		below_done(&below);
	else
		*ret = below;
	return r;
}

int below_find(const struct below *below, const char *name, struct stat *ret)
{
	for (size_t i = 0; i < below->count; i++) {
		int folder = below->layer[i].fd;

		if (!is_here(below, i) || fstatat(folder, name, ret, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		return below->image && below_is_whiteout(folder, name, ret) ? -ENOENT : folder;
	}
	return -ENOENT;
}

/* Of the layers that have the folder, those are gone into that show something in it. */
int below_enter(struct below *below, const char *name)
{
	size_t entered = 0;
	int r = 0;

	for (size_t i = 0; i < below->count; i++) {
		struct place *layer = &below->layer[i];
		struct stat st;

		if (!is_here(below, i) || fstatat(layer->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		r = S_ISDIR(st.st_mode) ? place_enter(layer, name) : 0;
		if (r < 0 || !S_ISDIR(st.st_mode))
			break;
		entered++;
		if (below->image && is_opaque(layer->fd))
			break;
	}
	below->depth++;
	if (r == 0 && entered)
		return 0;
	(void)below_leave(below);
	return r < 0 ? r : -ENOENT;
}

int below_leave(struct below *below)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < below->count; i++) {
		autoclose int left = -1;

		if (is_here(below, i))
			r = place_leave(&below->layer[i], &left);
	}
	below->depth--;
	return r;
}

void below_done(struct below *below)
{
	for (size_t i = 0; i < below->count; i++)
		place_done(&below->layer[i]);
	free(below->layer);
	*below = (struct below)BELOW_NONE;
}
