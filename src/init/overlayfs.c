/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "init/overlayfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"

enum { OPTIONS_MAX = 4096 /* a page, as mount(2) takes it */, NAME = 16, FD_PATH = 32 };

static int open_folder(int folder, const char *path, int flags)
{
	return sys_openat2(folder, path, (unsigned)(O_DIRECTORY | flags), 0,
			   RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int overlay_add_lower(struct overlay_layers *l, const char *path, struct err *e)
{
	if (l->count == countof(l->lower))
		return err_set(e, E2BIG, "there are more than %zu layers", countof(l->lower));
	l->lower[l->count] = open_folder(AT_FDCWD, path, O_PATH);
	if (l->lower[l->count] < 0)
		return err_errno(e, errno, "open '%s'", path);
	l->count++;
	return 0;
}

static int make_folder(struct sandbox *s, char ret_name[NAME], struct err *e)
{
	(void)snprintf(ret_name, NAME, "%u", s->scratch_dirs++);
	return mkdirat(s->scratch, ret_name, 0755) < 0 ? err_errno(e, errno, "make a scratch folder") : 0;
}

int overlay_add_mount(struct sandbox *s, struct overlay_layers *l, int mount, struct err *e)
{
	char name[NAME];
	int r = make_folder(s, name, e);

	if (r < 0)
		return r;
	if (l->count == countof(l->lower))
		return err_set(e, E2BIG, "there are more than %zu layers", countof(l->lower));
	if (sys_move_mount(mount, s->scratch, name) < 0)
		return err_errno(e, errno, "put the file system of the image into the sandbox");
	l->lower[l->count++] = mount;
	return 0;
}

static int open_written(int above, struct overlay_layers *l)
{
	l->upper = open_folder(above, "upper", O_RDONLY);
	if (l->upper >= 0)
		l->work = open_folder(above, "work", O_PATH);
	return l->work < 0 ? -errno : 0;
}

int overlay_write_scratch(struct sandbox *s, struct overlay_layers *l, const struct stat *like, struct err *e)
{
	autoclose int folder = -1;
	char name[NAME];
	int r = make_folder(s, name, e);

	if (r < 0)
		return r;
	folder = open_folder(s->scratch, name, O_RDONLY);
	if (folder < 0 || mkdirat(folder, "upper", 0700) < 0 || mkdirat(folder, "work", 0700) < 0)
		return err_errno(e, errno, "make the folders for what is written");
	if (fchownat(folder, "upper", like->st_uid, like->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EINVAL &&
	    errno != EPERM)
		return err_errno(e, errno, "give a scratch folder to user %u", like->st_uid);
	if (fchmodat(folder, "upper", like->st_mode & 01777, 0) < 0)
		return err_errno(e, errno, "set the mode of a folder");
	r = open_written(folder, l);
	return r < 0 ? err_errno(e, -r, "open the folders for what is written") : 0;
}

int overlay_write_to(struct overlay_layers *l, const char *folder, struct err *e)
{
	autoclose int above = open_folder(AT_FDCWD, folder, O_PATH);
	int r = above < 0 ? -errno : open_written(above, l);

	return r < 0 ? err_errno(e, -r, "open the folders for what is written, in '%s'", folder) : 0;
}

int overlay_check_attributes(const struct overlay_layers *l, struct err *e)
{
	static const char name[] = "user.sbx";

	if (fsetxattr(l->upper, name, "", 0, 0) == 0)
		return fremovexattr(l->upper, name) < 0 ? err_errno(e, errno, "remove an extended attribute") : 0;
	(void)err_errno(e, errno, "set an extended attribute where what is written will lie");
	return e->code == ENOTSUP ? err_hint(e, "a tmpfs has them from Linux 6.6 on (TMPFS_XATTR), most disks have "
						"them: filesystem.session writes to a disk")
				  : -e->code;
}

static int explain(struct err *e)
{
	switch (e->code) {
	case EPERM:
	case ENODEV:
		return err_hint(e, "in a user namespace it needs Linux 5.11 or newer, and the kernel's module overlay");
	case EINVAL:
		return err_hint(e,
				"something is mounted below a layer, or its file system, or that of what is written, "
				"can't be a layer, as an overlayfs or a network's; name a folder without that");
	case EBUSY:
		return err_hint(e, "another sandbox, or a mount of the host, has an overlay of the same folders");
	default:
		return -e->code;
	}
}

static int add_option(char *options, size_t *len, const char *name, int fd, struct err *e)
{
	int n = snprintf(options + *len, OPTIONS_MAX - *len, "%s/proc/self/fd/%d", name, fd);

	if (n < 0 || (size_t)n >= OPTIONS_MAX - *len)
		return err_set(e, E2BIG, "there are too many layers");
	*len += (size_t)n;
	return 0;
}

/* userxattr: the attributes that the owner of a user namespace may set; folders that are renamed are copied then. */
static int make_options(const struct overlay_layers *l, char *options, struct err *e)
{
	size_t len = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->count; i++)
		r = add_option(options, &len, i ? ":" : "userxattr,lowerdir=", l->lower[i], e);
	if (r == 0)
		r = add_option(options, &len, ",upperdir=", l->upper, e);
	return r < 0 ? r : add_option(options, &len, ",workdir=", l->work, e);
}

/* By mount(2): what fsconfig takes as a text is too short for the layers of an image, and the kernel takes them one by
 * one only from Linux 6.7 on. */
int overlay_mount(struct sandbox *s, const struct overlay_layers *l, struct err *e)
{
	autoclose int point = -1;
	char options[OPTIONS_MAX], name[NAME], path[FD_PATH];
	int fd, r = make_options(l, options, e);

	if (r == 0)
		r = make_folder(s, name, e);
	if (r < 0)
		return r;
	point = open_folder(s->scratch, name, O_PATH);
	if (point < 0)
		return err_errno(e, errno, "open a mount point");
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", point);
	if (mount("overlay", path, "overlay", MS_NOSUID | MS_NODEV, options) < 0) {
		(void)err_errno(e, errno, "mount an overlayfs");
		return explain(e);
	}
	fd = open_folder(s->scratch, name, O_PATH);
	return fd < 0 ? err_errno(e, errno, "open an overlayfs") : fd;
}

void overlay_layers_done(struct overlay_layers *l)
{
	while (l->count)
		mem_close_ptr(&l->lower[--l->count]);
	mem_close_ptr(&l->upper);
	mem_close_ptr(&l->work);
}
