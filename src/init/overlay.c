/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlay: a folder of the host of which a copy is written. Each layer is opened first, without following a link, and
 * named by its fd. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "init/steps.h"

enum { FD_PATH = 32 };

struct layers {
	int lower, upper, work;
};

static int open_folder(int folder, const char *path, int flags)
{
	return sys_openat2(folder, path, (unsigned)(O_DIRECTORY | flags), 0,
			   RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

/* In the scratch tmpfs; the upper folder is at the top of what is seen, so it has the mode and the owner of the lower
 * one. An owner that is none in here can't be had, and is not the command. */
static int make_written(struct sandbox *s, const struct layers *l, char ret_name[FD_PATH], struct err *e)
{
	autoclose int folder = -1;
	struct stat st;

	(void)snprintf(ret_name, FD_PATH, "%u", s->scratch_dirs++);
	if (fstat(l->lower, &st) < 0)
		return err_errno(e, errno, "look at the folder");
	if (mkdirat(s->scratch, ret_name, 0755) < 0)
		return err_errno(e, errno, "make a scratch folder");
	folder = open_folder(s->scratch, ret_name, O_RDONLY);
	if (folder < 0 || mkdirat(folder, "upper", 0700) < 0 || mkdirat(folder, "work", 0700) < 0)
		return err_errno(e, errno, "make the folders for what is written");
	if (fchownat(folder, "upper", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EINVAL &&
	    errno != EPERM)
		return err_errno(e, errno, "give a scratch folder to user %u", st.st_uid);
	return fchmodat(folder, "upper", st.st_mode & 01777, 0) < 0 ? err_errno(e, errno, "set the mode of a folder")
								    : 0;
}

static int open_written(int folder, const char *path, struct layers *l, struct err *e)
{
	autoclose int above = open_folder(folder, path, O_PATH);

	if (above >= 0)
		l->upper = open_folder(above, "upper", O_RDONLY);
	if (above >= 0 && l->upper >= 0)
		l->work = open_folder(above, "work", O_PATH);
	return l->work >= 0 ? 0 : err_errno(e, errno, "open the folders for what is written, in '%s'", path);
}

/* Without such attributes a folder could not be put in the place of a removed one. */
static int check_attributes(int upper, struct err *e)
{
	static const char name[] = "user.sbx";

	if (fsetxattr(upper, name, "", 0, 0) == 0)
		return fremovexattr(upper, name) < 0 ? err_errno(e, errno, "remove an extended attribute") : 0;
	(void)err_errno(e, errno, "set an extended attribute where what is written will lie");
	return e->code == ENOTSUP ? err_hint(e, "a tmpfs has them from Linux 6.6 on (TMPFS_XATTR), most disks have "
						"them: filesystem.session writes to a disk")
				  : -e->code;
}

static int set_folder(int fs, const char *key, int fd)
{
	char path[FD_PATH];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return sys_fsconfig_string(fs, key, path);
}

static int explain(struct err *e)
{
	switch (e->code) {
	case EPERM:
	case ENODEV:
		return err_hint(e, "in a user namespace it needs Linux 5.11 or newer, and the kernel's module overlay");
	case EINVAL:
		return err_hint(e, "something is mounted below it, or its file system, or that of what is written, "
				   "can't be a layer, as an overlayfs or a network's; name a folder without that");
	case EBUSY:
		return err_hint(e, "another sandbox, or a mount of the host, has an overlay of the same folders");
	default:
		return -e->code;
	}
}

/* userxattr: the attributes that the owner of a user namespace may set; folders that are renamed are copied then. An
 * fd of a mount that is nowhere yet. */
static int make_overlay(const struct layers *l, const char *lower, struct err *e)
{
	autoclose int fs = sys_fsopen("overlay");
	int fd = -1;

	if (fs >= 0 && syscall(SYS_fsconfig, fs, 0 /* FSCONFIG_SET_FLAG */, "userxattr", NULL, 0) == 0 &&
	    set_folder(fs, "lowerdir", l->lower) == 0 && set_folder(fs, "upperdir", l->upper) == 0 &&
	    set_folder(fs, "workdir", l->work) == 0 && sys_fsconfig_create(fs) == 0)
		fd = sys_fsmount(fs, ATTR_NOSUID | ATTR_NODEV);
	if (fd >= 0)
		return fd;
	(void)err_errno(e, errno, "mount an overlayfs of '%s'", lower);
	return explain(e);
}

static int mount_overlay(struct sandbox *s, const struct step *step, const struct layers *l, struct err *e)
{
	autoclose int fd = make_overlay(l, plan_text(s->plan, step->a), e);
	int r = fd < 0 ? fd : mount_attributes(fd, step->n, false, e);

	return r < 0 ? r : mount_on(s, fd, plan_text(s->plan, step->b), e);
}

int do_overlay(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *lower = plan_text(s->plan, step->a);
	struct layers l = {open_folder(AT_FDCWD, lower, O_PATH), -1, -1};
	char name[FD_PATH];
	int r = l.lower < 0 ? err_errno(e, errno, "open '%s'", lower) : 0;

	if (r == 0 && !step->size)
		r = make_written(s, &l, name, e);
	if (r == 0)
		r = step->size ? open_written(AT_FDCWD, plan_text(s->plan, step->data), &l, e)
			       : open_written(s->scratch, name, &l, e);
	if (r == 0)
		r = check_attributes(l.upper, e);
	if (r == 0)
		r = mount_overlay(s, step, &l, e);
	mem_close_ptr(&l.lower);
	mem_close_ptr(&l.upper);
	mem_close_ptr(&l.work);
	return r;
}
