/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { LINKS_MAX = 40 };

struct mark {
	dev_t dev;
	ino_t ino;
};

/* A place on the way: `above` are the folders from the root to it, so that ".." is the one that we came from or none.
 */
struct way {
	int root, fd; /* fd: of the place; root: borrowed */
	struct mark *above;
	size_t depth, cap;
	char *rest; /* of the path, owned */
	unsigned links;
};

static void way_done(struct way *way)
{
	mem_close_ptr(&way->fd);
	free(way->above);
	free(way->rest);
}

static void enter(struct way *way, int *fd)
{
	mem_close_ptr(&way->fd);
	way->fd = take_fd(fd);
}

static int to_root(struct way *way)
{
	autoclose int fd = openat(way->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	enter(way, &fd);
	way->depth = 0;
	return 0;
}

static int up(struct way *way)
{
	autoclose int fd = -1;
	const struct mark *mark;
	struct stat st;

	if (!way->depth)
		return 0;
	mark = &way->above[way->depth - 1];
	fd = openat(way->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != mark->dev || st.st_ino != mark->ino)
		return -ESTALE;
	enter(way, &fd);
	way->depth--;
	return 0;
}

static int down(struct way *way, int *fd)
{
	struct stat here;

	if (fstat(way->fd, &here) < 0)
		return -errno;
	way->above = xgrow(way->above, way->depth, &way->cap, sizeof *way->above);
	way->above[way->depth++] = (struct mark){here.st_dev, here.st_ino};
	enter(way, fd);
	return 0;
}

/* The text of a link comes before what is left of the path. */
static int follow(struct way *way, int link)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof text);
	char *rest;

	if (n < 0)
		return -errno;
	if (n == 0 || ++way->links > LINKS_MAX)
		return n == 0 ? -ENOENT : -ELOOP;
	if ((size_t)n + strlen(way->rest) >= PATH_MAX)
		return -ENAMETOOLONG;
	rest = xasprintf("%.*s/%s", (int)n, text, way->rest);
	free(way->rest);
	way->rest = rest;
	return text[0] == '/' ? to_root(way) : 0;
}

static int step(struct way *way, const char *name)
{
	autoclose int fd = -1;
	struct stat st;

	if (str_eq(name, "") || str_eq(name, "."))
		return 0;
	if (str_eq(name, ".."))
		return up(way);
	fd = openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow(way, fd);
	return S_ISDIR(st.st_mode) ? down(way, &fd) : -ENOTDIR;
}

int resolve_folder(int root, const char *path)
{
	__attribute__((cleanup(way_done))) struct way way = {.root = root, .fd = -1, .rest = xstrdup(path)};
	int r = to_root(&way);

	while (r == 0 && *way.rest) {
		size_t len = strcspn(way.rest, "/"), next = len + strspn(way.rest + len, "/");
		autofree char *name = xstrndup(way.rest, len);

		memmove(way.rest, way.rest + next, strlen(way.rest + next) + 1);
		r = step(&way, name);
	}
	return r < 0 ? r : take_fd(&way.fd);
}

int resolve_plain(int root, const char *path, int flags)
{
	autoclose int folder = -1;

	for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
		autofree char *name = xstrndup(path, (size_t)(slash - path));
		int fd = openat(folder < 0 ? root : folder, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		mem_close_ptr(&folder);
		folder = fd;
	}
	root = openat(folder < 0 ? root : folder, *path ? path : ".", flags | O_NOFOLLOW | O_CLOEXEC);
	return root < 0 ? -errno : root;
}
