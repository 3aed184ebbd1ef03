/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "init/resolve.h"

#include <errno.h>
#include <limits.h>
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
		fd = sys_openat2(root->fd, relative, flags, 0,
				 RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd >= 0 ? fd : err_errno(e, errno, "open '%s' in the sandbox", path);
}

int root_parent(struct new_root *root, const char *path, const char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	size_t len;
	int fd;

	if (!slash || !slash[1])
		return err_set(e, EINVAL, "'%s' has no last name", path);
	*ret_name = slash + 1;
	if (slash == path)
		return root->fd;
	len = (size_t)(slash - path);
	if (root->parent >= 0 && len == root->len && memcmp(path, root->path, len) == 0)
		return root->parent;
	if (len >= sizeof parent)
		return err_set(e, ENAMETOOLONG, "'%s' is too long", path);
	memcpy(parent, path, len);
	parent[len] = '\0';
	fd = open_inside(root, parent, O_PATH | O_DIRECTORY, e);
	if (fd < 0)
		return fd;
	mem_close_ptr(&root->parent);
	root->parent = fd;
	root->path = path;
	root->len = len;
	return fd;
}

int root_target(struct new_root *root, const char *path, const char **ret_name, struct err *e)
{
	int parent = root_parent(root, path, ret_name, e);
	struct stat st;

	if (parent < 0)
		return parent;
	if (fstatat(parent, *ret_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "look at '%s' in the sandbox", path);
	if (S_ISLNK(st.st_mode))
		return err_errno(e, ELOOP, "'%s' in the sandbox is a symbolic link", path);
	return parent;
}

/* The parent that is held may lie below what was mounted. */
void root_mounted(struct new_root *root, const char *path)
{
	size_t len = strlen(path);

	if (root->parent < 0 || root->len < len || memcmp(root->path, path, len) != 0)
		return;
	mem_close_ptr(&root->parent);
	root->parent = -1;
}
