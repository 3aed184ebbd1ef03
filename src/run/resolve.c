/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"

/* EAGAIN: something was renamed meanwhile, elsewhere on the system; openat2(2) asks to try again. */
static int open_inside(const struct new_root *root, const char *path, uint64_t flags, struct err *e)
{
	const char *relative = path[1] ? path + 1 : ".";
	int fd = -1;

	if (path[0] != '/')
		return err_set(e, EINVAL, "'%s' is not absolute", path);
	for (int tries = 0; tries < 64; tries++) {
		fd = sys_openat2(root->fd, relative, flags,
				 RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd >= 0 ? fd : err_errno(e, errno, "open '%s' in the sandbox", path);
}

int root_open(struct new_root *root, const char *path, struct err *e)
{
	autoclose int fd = open_inside(root, path, O_PATH | O_NOFOLLOW, e);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "look at '%s' in the sandbox", path);
	if (S_ISLNK(st.st_mode))
		return err_errno(e, ELOOP, "'%s' in the sandbox is a symbolic link", path);
	return take_fd(&fd);
}

int root_parent(struct new_root *root, const char *path, const char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = NULL;
	int fd;

	if (!slash || !slash[1])
		return err_set(e, EINVAL, "'%s' has no last name", path);
	*ret_name = slash + 1;
	if (slash == path)
		return root->fd;
	parent = xstrndup(path, (size_t)(slash - path));
	if (root->path && str_eq(parent, root->path))
		return root->parent;
	fd = open_inside(root, parent, O_PATH | O_DIRECTORY, e);
	if (fd < 0)
		return fd;
	mem_close_ptr(&root->parent);
	free(root->path);
	root->parent = fd;
	root->path = take(parent);
	return fd;
}

void root_mounted(struct new_root *root, const char *path)
{
	if (!root->path || !str_starts(root->path, path))
		return;
	mem_close_ptr(&root->parent);
	root->parent = -1;
	free(root->path);
	root->path = NULL;
}

void root_done(struct new_root *root)
{
	mem_close_ptr(&root->fd);
	mem_close_ptr(&root->parent);
	free(root->path);
	*root = (struct new_root)NEW_ROOT_NONE;
}
