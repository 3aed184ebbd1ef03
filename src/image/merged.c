/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/merged.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"

enum { LINKS_MAX = 40 };

/* Where one is, a path without links, and what is still to go. */
struct way {
	struct strv done;
	char *rest; /* owned */
	int links;
};

static void way_done(struct way *way)
{
	strv_done(&way->done);
	free(way->rest);
}

bool merged_is_opaque(int folder)
{
	autoclose int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char value;

	return fd >= 0 && fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/* What one layer has there: an fd, or -1. `hides` is set if nothing there of the layers below is seen. */
static int look(int layer, const struct strv *path, bool *hides)
{
	autoclose int folder = openat(layer, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < path->count; i++) {
		autoclose int fd = openat(folder, path->v[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct stat st;

		*hides = *hides || merged_is_opaque(folder);
		if (fd < 0 || fstat(fd, &st) < 0)
			return -1;
		if (!S_ISDIR(st.st_mode)) {
			*hides = true;
			if (S_ISCHR(st.st_mode) || i + 1 < path->count)
				return -1;
			return S_ISREG(st.st_mode) ? openat(folder, path->v[i], O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
						   : take_fd(&fd);
		}
		mem_close_ptr(&folder);
		folder = take_fd(&fd);
	}
	return take_fd(&folder);
}

/* An fd, of the topmost layer that has it; -ENOENT, or another negative errno. */
static int find(const struct strv *layers, const struct strv *path, struct err *e)
{
	bool hides = false;

	for (size_t i = 0; i < layers->count && !hides; i++) {
		autoclose int layer = open(layers->v[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		int fd;

		if (layer < 0)
			return err_errno(e, errno, "open '%s'", layers->v[i]);
		fd = look(layer, path, &hides);
		if (fd >= 0)
			return fd;
	}
	return err_set(e, ENOENT, "no layer has it");
}

static void go_up(struct way *way)
{
	if (way->done.count) {
		free(way->done.v[--way->done.count]);
		way->done.v[way->done.count] = NULL;
	}
}

static int follow(struct way *way, int link, struct err *e)
{
	char text[PATH_MAX], *rest;
	ssize_t n = readlinkat(link, "", text, sizeof text - 1);

	if (n < 0)
		return err_errno(e, errno, "read a link");
	if (++way->links > LINKS_MAX)
		return err_set(e, ELOOP, "more than %d links", LINKS_MAX);
	text[n] = '\0';
	go_up(way); /* the link itself */
	while (text[0] == '/' && way->done.count)
		go_up(way);
	rest = xasprintf("%s/%s", text, way->rest);
	free(way->rest);
	way->rest = rest;
	return 0;
}

/* Goes on by one name. An fd of where it leads; 0: nothing is known of it yet, or negative errno. */
static int step(const struct strv *layers, struct way *way, int *ret_fd, struct err *e)
{
	const char *name = way->rest + strspn(way->rest, "/"), *end = name + strcspn(name, "/");
	autofree char *own = xstrndup(name, (size_t)(end - name)), *rest = xstrdup(end);
	autoclose int fd = -1;
	struct stat st;

	free(way->rest);
	way->rest = take(rest);
	if (str_eq(own, ".."))
		go_up(way);
	else if (*own && !str_eq(own, "."))
		strv_add(&way->done, own);
	fd = find(layers, &way->done, e);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "look at it");
	if (S_ISLNK(st.st_mode))
		return follow(way, fd, e);
	mem_close_ptr(ret_fd);
	*ret_fd = take_fd(&fd);
	return 0;
}

int merged_open(const struct strv *layers, const char *path, struct err *e)
{
	struct way way = {.rest = xstrdup(path)};
	autoclose int fd = -1;
	struct stat st;
	int r = 0;

	while (r == 0 && way.rest[strspn(way.rest, "/")])
		r = step(layers, &way, &fd, e);
	way_done(&way);
	if (r < 0)
		return err_prefix(e, "'%s' of the image", path);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "'%s' of the image is no regular file", path);
	return take_fd(&fd);
}
