/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "box/place.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/sys.h"

int place_open_name(int folder, const char *name, int flags)
{
	int more = O_NOFOLLOW | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY);
	int fd = sys_openat2(folder, name, (unsigned)(flags | more), 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);

	return fd >= 0 ? fd : -errno;
}

int place_open(int folder, struct place *ret)
{
	int fd = place_open_name(folder, ".", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	*ret = (struct place){.fd = fd};
	return 0;
}

int place_enter(struct place *place, const char *name)
{
	autoclose int fd = place_open_name(place->fd, name, O_RDONLY | O_DIRECTORY);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(place->fd, &st) < 0)
		return -errno;
	place->above = xgrow(place->above, place->depth, &place->cap, sizeof *place->above);
	place->above[place->depth++] = (struct place_mark){st.st_dev, st.st_ino};
	(void)close(place->fd);
	place->fd = take_fd(&fd);
	return 0;
}

int place_leave(struct place *place, int *ret_left)
{
	autoclose int fd = sys_openat2(place->fd, "..", O_RDONLY | O_DIRECTORY, 0,
				       RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
	const struct place_mark *above = place->depth ? &place->above[place->depth - 1] : NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!above || st.st_dev != above->dev || st.st_ino != above->ino)
		return -ESTALE;
	place->depth--;
	*ret_left = place->fd;
	place->fd = take_fd(&fd);
	return 0;
}

void place_done(struct place *place)
{
	mem_close_ptr(&place->fd);
	place->fd = -1;
	free(place->above);
	place->above = NULL;
	place->depth = place->cap = 0;
}
