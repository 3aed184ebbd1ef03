/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "box/clear.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "box/place.h"

/* 1: it is a folder with something in it. 0, or a negative errno. */
static int remove_name(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM) /* EPERM: as POSIX has it, of a folder */
		return -errno;
	if (unlinkat(folder, name, AT_REMOVEDIR) == 0)
		return 0;
	return errno == ENOTEMPTY || errno == EEXIST ? 1 : -errno;
}

/* Who made the folder may have closed it, even to its owner. Whoever has no right to change that fails to enter it. */
static void open_up(int folder, const char *name)
{
	autoclose int fd = place_open_name(folder, name, O_PATH | O_DIRECTORY);
	char path[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & S_IRWXU) == S_IRWXU)
		return;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	(void)chmod(path, (st.st_mode & 07777) | S_IRWXU);
}

static int enter(struct place *place, const char *name)
{
	open_up(place->fd, name);
	return place_enter(place, name);
}

/* Removes what it can of the folder until it has gone into one that is not empty (1), or nothing is left (0). */
static int empty(struct place *place)
{
	autolist DIR *list = fd_list(place->fd);
	const struct dirent *entry;

	if (!list)
		return -errno;
	while ((errno = 0, entry = readdir(list))) {
		int r;

		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		r = remove_name(place->fd, entry->d_name);
		if (r < 0)
			return r;
		if (r > 0) {
			r = enter(place, entry->d_name);
			return r < 0 ? r : 1;
		}
	}
	return -errno;
}

/* The folder that was emptied is found again, empty, when the one above it is read once more. */
int clear_tree(int folder, const char *name, struct err *e)
{
	struct place place = PLACE_NONE;
	int r = remove_name(folder, name);

	if (r <= 0)
		return r < 0 ? err_errno(e, -r, "remove '%s'", name) : 0;
	r = place_open(folder, &place);
	if (r == 0)
		r = enter(&place, name);
	while (r >= 0 && place.depth > 0) {
		r = empty(&place);
		if (r == 0) {
			int left = -1;

			r = place_leave(&place, &left);
			mem_close_ptr(&left);
		}
	}
	place_done(&place);
	if (r >= 0)
		r = unlinkat(folder, name, AT_REMOVEDIR) < 0 ? -errno : 0;
	return r < 0 ? err_errno(e, -r, "remove '%s', or what is in it", name) : 0;
}
