/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "box/place.h"

enum { DEPTH = 256 };

/* All in a folder is counted, and the folders among it are what is still to do. */
static int count(int folder, struct strv *ret_folders, struct session_size *size)
{
	autolist DIR *list = fd_list(folder);
	const struct dirent *entry;
	struct stat st;

	if (!list)
		return -errno;
	while ((errno = 0, entry = readdir(list))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		if (fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		size->entries++;
		size->changed = st.st_ctim.tv_sec > size->changed ? st.st_ctim.tv_sec : size->changed;
		size->bytes += (uint64_t)st.st_blocks * 512 / (st.st_nlink && !S_ISDIR(st.st_mode) ? st.st_nlink : 1);
		if (S_ISDIR(st.st_mode))
			strv_add(ret_folders, entry->d_name);
	}
	return -errno;
}

static int walk(struct place *place, struct strv *rest, struct session_size *size)
{
	int r = count(place->fd, &rest[0], size);

	while (r == 0) {
		struct strv *here = &rest[place->depth];
		autofree char *name = here->count ? here->v[--here->count] : NULL;
		autoclose int left = -1;

		if (!name && place->depth == 0)
			return 0;
		if (name)
			here->v[here->count] = NULL;
		if (!name)
			r = place_leave(place, &left);
		else if (place->depth + 1 >= DEPTH || place_enter(place, name) < 0)
			size->complete = false;
		else
			r = count(place->fd, &rest[place->depth], size);
	}
	return r;
}

int measure_tree(int folder, struct session_size *size)
{
	struct strv *rest = xcalloc(DEPTH, sizeof *rest);
	struct place place = PLACE_NONE;
	int r = place_open(folder, &place);

	if (r == 0)
		r = walk(&place, rest, size);
	place_done(&place);
	for (size_t i = 0; i < DEPTH; i++)
		strv_done(&rest[i]);
	free(rest);
	return r;
}

/* Only what was written: the rest of a session is a few small files. */
static int measure_one(int session, const char *id, struct session_size *size)
{
	autoclose int folder = place_open_name(session, id, O_RDONLY | O_DIRECTORY), upper = -1;

	if (folder < 0)
		return folder;
	upper = place_open_name(folder, "upper", O_RDONLY | O_DIRECTORY);
	return upper < 0 ? upper : measure_tree(upper, size);
}

int session_measure(int session, struct session_size *ret)
{
	autolist DIR *list = fd_list(session);
	struct session_size size = {.complete = true};
	const struct dirent *entry;
	int r = 0;

	if (!list)
		return -errno;
	while (r == 0 && (errno = 0, entry = readdir(list)))
		if (entry->d_name[0] != '.')
			r = measure_one(session, entry->d_name, &size);
	if (r == 0)
		*ret = size;
	return r;
}
