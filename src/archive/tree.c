/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/folders.h"
#include "archive/names.h"
#include "archive/resolve.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

enum { MISSING_MODE = 0755 };

static int fail(struct err *e, int code, const char *path, const char *what)
{
	autofree char *text = names_readable(path);

	return err_errno(e, code, "%s: %s", text, what);
}

/* What is removed may have been on the way to it. */
static void forget(struct tree *tree)
{
	if (tree->last)
		(void)close(tree->last_fd);
	free(tree->last);
	tree->last = NULL;
}

/* The folder at `path`; most entries are in that of the entry before. An fd, borrowed, or negative errno. */
static int folder_at(struct tree *tree, const char *path)
{
	int fd;

	if (tree->last && str_eq(tree->last, path))
		return tree->last_fd;
	fd = resolve_folder(tree->root, path);
	if (fd < 0)
		return fd;
	forget(tree);
	tree->last = xstrdup(path);
	tree->last_fd = fd;
	return fd;
}

/* A folder that is not there yet; an fd. */
static int make_in(struct tree *tree, int parent, const char *name, const struct tree_attributes *attributes)
{
	autoclose int fd = -1;
	struct stat above, st;
	int r;

	if (fstat(parent, &above) < 0 || mkdirat(parent, name, 0700) < 0)
		return -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, attributes->mode) < 0 || fstat(fd, &st) < 0)
		return -errno;
	r = folders_add(tree, &above, name, &st);
	if (r < 0)
		return r;
	folders_set(tree, &st, &attributes->mtime);
	return take_fd(&fd);
}

/* What an archive does not say of a folder must still be the same in each tree that is made of it. */
static int make_missing(struct tree *tree, const char *folder, struct err *e)
{
	static const struct tree_attributes missing = {.mode = MISSING_MODE};

	for (size_t end = strcspn(folder, "/");; end += 1 + strcspn(folder + end + 1, "/")) {
		autofree char *path = xstrndup(folder, end), *above = NULL;
		autoclose int made = -1;
		char *slash = strrchr(path, '/');
		int fd = folder_at(tree, path);

		if (fd < 0 && fd != -ENOENT)
			return fail(e, -fd, path, "can't be entered");
		if (fd < 0) {
			if (tree->missing++ == tree->missing_max)
				return err_set(e, EFBIG, "the archive has too many entries and folders without one");
			above = xstrndup(path, slash ? (size_t)(slash - path) : 0);
			fd = folder_at(tree, above);
			made = fd < 0 ? fd : make_in(tree, fd, slash ? slash + 1 : path, &missing);
			if (made < 0)
				return fail(e, -made, path,
					    made == -EEXIST ? "a link that leads nowhere is in the way"
							    : "the folder can't be made");
		}
		if (!folder[end])
			return 0;
	}
}

/* The folder that the last name of `path` is in, and that name; a borrowed fd, that of the tree for the tree itself. */
static int parent_of(struct tree *tree, const char *path, const char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	autofree char *folder = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	int fd = folder_at(tree, folder);

	if (fd == -ENOENT) {
		int r = make_missing(tree, folder, e);

		if (r < 0)
			return r;
		fd = folder_at(tree, folder);
	}
	if (fd < 0)
		return fail(e, -fd, folder, "can't be entered");
	*ret_name = slash ? slash + 1 : path;
	return fd;
}

/* Makes room for a new thing of that name: never by removing more than one. A folder that is not empty stays. */
static int clear(struct tree *tree, int parent, const char *name, struct stat *ret)
{
	if (fstatat(parent, name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (unlinkat(parent, name, S_ISDIR(ret->st_mode) ? AT_REMOVEDIR : 0) < 0)
		return errno == EEXIST ? -ENOTEMPTY : -errno;
	if (S_ISDIR(ret->st_mode))
		folders_remove(tree, ret);
	return 1;
}

/* The folder in which `path` may be made, since nothing has the name now; an fd of its own, as others are forgotten. */
static int open_cleared(struct tree *tree, const char *path, const char **ret_name, struct err *e)
{
	autoclose int own = -1;
	struct stat st;
	int parent, r;

	if (!*path)
		return err_set(e, EINVAL, "the folder of the tree itself is something else in the archive");
	parent = parent_of(tree, path, ret_name, e);
	if (parent < 0)
		return parent;
	own = fcntl(parent, F_DUPFD_CLOEXEC, 0);
	r = own < 0 ? -errno : clear(tree, own, *ret_name, &st);
	if (r == -ENOTEMPTY)
		return fail(e, ENOTEMPTY, path, "would take the place of a folder");
	if (r < 0)
		return fail(e, -r, path, "what has this name can't be removed");
	if (r == 1 && !S_ISREG(st.st_mode))
		forget(tree);
	return take_fd(&own);
}

/* A folder that is there already. 1; 0: there is none. */
static int change_folder(struct tree *tree, int parent, const char *name, const struct tree_attributes *attributes)
{
	autoclose int fd = -1;
	struct stat st;

	if (*name && (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)))
		return 0;
	fd = openat(parent, *name ? name : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || fchmod(fd, attributes->mode) < 0)
		return -errno;
	return folders_set(tree, &st, &attributes->mtime) ? 1 : -ESTALE;
}

int tree_make_folder(struct tree *tree, const char *path, const struct tree_attributes *attributes, struct err *e)
{
	autoclose int cleared = -1, fd = -1;
	const char *name = "";
	int parent = parent_of(tree, path, &name, e), r;

	if (parent < 0)
		return parent;
	r = change_folder(tree, parent, name, attributes);
	if (r < 0)
		return fail(e, -r, path, "the folder can't be changed");
	if (r == 1)
		return 0;
	cleared = open_cleared(tree, path, &name, e);
	if (cleared < 0)
		return cleared;
	fd = make_in(tree, cleared, name, attributes);
	return fd < 0 ? fail(e, -fd, path, "the folder can't be made") : 0;
}

int tree_make_file(struct tree *tree, const char *path, struct err *e)
{
	const char *name;
	autoclose int parent = open_cleared(tree, path, &name, e);
	int fd;

	if (parent < 0)
		return parent;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? fail(e, errno, path, "the file can't be made") : fd;
}

int tree_end_file(int fd, uint64_t size, const struct tree_attributes *attributes, struct err *e)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, attributes->mtime};

	if (ftruncate(fd, (off_t)size) < 0)
		return err_errno(e, errno, "a hole at the end");
	if (fchmod(fd, attributes->mode) < 0 || futimens(fd, times) < 0)
		return err_errno(e, errno, "mode and time can't be set");
	return 0;
}

int tree_make_symlink(struct tree *tree, const char *path, const char *text, const struct timespec *mtime,
		      struct err *e)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, *mtime};
	const char *name;
	autoclose int parent = open_cleared(tree, path, &name, e);

	if (parent < 0)
		return parent;
	if (symlinkat(text, parent, name) < 0)
		return fail(e, errno, path, "the link can't be made");
	if (utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(e, errno, path, "the time can't be set");
	return 0;
}

/* What is at `path` must be a regular file, and is not followed; an fd of the folder that it is in. */
static int open_target(struct tree *tree, const char *path, const char **ret_name, struct stat *ret, struct err *e)
{
	const char *slash = strrchr(path, '/');
	autofree char *folder = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	autoclose int parent = resolve_folder(tree->root, folder);

	*ret_name = slash ? slash + 1 : path;
	if (parent < 0)
		return fail(e, -parent, path, "the target of a hard link");
	if (!*path || fstatat(parent, *ret_name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(e, *path ? errno : EISDIR, path, "the target of a hard link");
	if (!S_ISREG(ret->st_mode))
		return fail(e, EINVAL, path, "the target of a hard link is no regular file");
	return take_fd(&parent);
}

int tree_make_hardlink(struct tree *tree, const char *path, const char *target, struct err *e)
{
	const char *name, *old_name;
	struct stat st, there;
	autoclose int old = open_target(tree, target, &old_name, &st, e), parent = -1;
	int above;

	if (old < 0)
		return old;
	above = parent_of(tree, path, &name, e);
	if (above < 0)
		return above;
	/* A link to itself would remove it first. */
	if (*name && fstatat(above, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && there.st_dev == st.st_dev &&
	    there.st_ino == st.st_ino)
		return 0;
	parent = open_cleared(tree, path, &name, e);
	if (parent < 0)
		return parent;
	return linkat(old, old_name, parent, name, 0) < 0 ? fail(e, errno, path, "the hard link can't be made") : 0;
}

static bool is_empty(int folder, int *ret_code)
{
	autolist DIR *list = fd_list(folder);
	const struct dirent *entry;

	*ret_code = list ? 0 : errno;
	while (list && (entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

int tree_open(int root, uint64_t depth, uint64_t missing_max, struct tree *ret, struct err *e)
{
	struct tree tree = {.root = root, .depth = depth, .missing_max = missing_max};
	struct stat st;
	int code;

	if (!is_empty(root, &code))
		return err_set(e, ENOTEMPTY, "the working directory is not empty");
	if (code || fstat(root, &st) < 0)
		return err_errno(e, code ? code : errno, "the working directory can't be read");
	folders_begin(&tree, &st);
	*ret = tree;
	return 0;
}

int tree_finish(struct tree *tree, struct err *e)
{
	return folders_set_times(tree, e);
}

void tree_done(struct tree *tree)
{
	forget(tree);
	folders_done(tree);
}
