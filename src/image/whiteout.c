/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* whiteout: in a layer's tar, .wh.NAME says that NAME of the layers below is gone, and .wh..wh..opq that all that is in
 * the folder is. Overlayfs says the first by a character device 0:0, which everybody may make, and the second by an
 * extended attribute. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "box/place.h"
#include "image/image.h"
#include "image/merged.h"

#define MARK ".wh."
#define OPAQUE ".wh..wh..opq"

static bool is_folder(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int hide_lower(int folder)
{
	return fsetxattr(folder, "user.overlay.opaque", "y", 1, 0) < 0 ? -errno : 0;
}

/* What the same layer has there by itself counts; but a folder is another one than that of the layers below. */
static int hide_lower_name(int folder, const char *name)
{
	autoclose int fd = -1;

	if (mknodat(folder, name, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (!is_folder(folder, name))
		return 0;
	fd = place_open_name(folder, name, O_RDONLY | O_DIRECTORY);
	return fd < 0 ? fd : hide_lower(fd);
}

/* 0 or a negative errno. */
static int translate(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) < 0)
		return -errno;
	if (str_eq(name, OPAQUE))
		return hide_lower(folder);
	name += strlen(MARK);
	return !*name || str_eq(name, ".") || str_eq(name, "..") ? -EINVAL : hide_lower_name(folder, name);
}

/* Folders are gone into one after the other: `rest` has what is still to do in each above. */
static int walk(struct place *place, struct strv *rest, size_t depth_max)
{
	int r = fd_names(place->fd, &rest[0]);

	while (r == 0) {
		struct strv *here = &rest[place->depth];
		autofree char *name = here->count ? here->v[--here->count] : NULL;
		autoclose int left = -1;

		if (!name && place->depth == 0)
			return 0;
		if (!name) {
			r = place_leave(place, &left);
		} else if (str_starts(name, MARK)) {
			r = translate(place->fd, name);
		} else if (is_folder(place->fd, name)) {
			r = place->depth + 1 >= depth_max ? -ELOOP : place_enter(place, name);
			if (r == 0)
				r = fd_names(place->fd, &rest[place->depth]);
		}
	}
	return r;
}

int whiteouts_translate(int folder, struct err *e)
{
	enum { DEPTH = 256 };
	autofree struct strv *rest = xcalloc(DEPTH, sizeof *rest);
	struct place place = PLACE_NONE;
	int r = place_open(folder, &place);

	if (r == 0)
		r = walk(&place, rest, DEPTH);
	place_done(&place);
	for (size_t i = 0; i < DEPTH; i++)
		strv_done(&rest[i]);
	return r < 0 ? err_errno(e, -r, "translate what the layer removes") : 0;
}

bool layer_hides_lower(const struct image_store *store, const char *digest)
{
	autofree char *path = xasprintf("layers/%s/tree", digest_hex(digest));
	autoclose int tree = openat(store->folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return tree >= 0 && merged_is_opaque(tree);
}
