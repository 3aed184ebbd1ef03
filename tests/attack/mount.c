/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: mounts changed from inside: T-M13, by the old calls and the new ones. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attr {
	unsigned long long set, clear, propagation, userns;
};

static int judge(long result, const char *what)
{
	return result >= 0 ? opened("%s", what) : shut("%s", what);
}

static int remount(int argc, char **argv)
{
	const char *path = argc > 0 ? argv[0] : "/";
	struct attr attr = {0, 1, 0, 0};

	if (spare_host())
		return RESULT_BROKEN;
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) == 0)
		return opened("'%s' made writable by mount", path);
	if (syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &attr, sizeof attr) == 0)
		return opened("'%s' made writable by mount_setattr", path);
	return shut("'%s' made writable", path);
}

static int unmount(int argc, char **argv)
{
	const char *path = argc > 0 ? argv[0] : "/";

	if (spare_host())
		return RESULT_BROKEN;
	return judge(umount2(path, MNT_DETACH), "unmounted");
}

static int bind_over(int argc, char **argv)
{
	if (spare_host())
		return RESULT_BROKEN;
	(void)argc, (void)argv;
	return judge(mount("/proc", "/usr", NULL, MS_BIND, NULL), "bound over /usr");
}

static int make_shared(int argc, char **argv)
{
	if (spare_host())
		return RESULT_BROKEN;
	(void)argc, (void)argv;
	return judge(mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL), "made the root shared");
}

static int mount_new(int argc, char **argv)
{
	static const char *const types[] = {"tmpfs",   "proc",    "sysfs",  "mqueue",
					    "cgroup2", "overlay", "devpts", "ramfs"};
	int why = 0;

	if (spare_host())
		return RESULT_BROKEN;
	(void)argc, (void)argv;
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		if (mount("none", "/tmp", types[i], 0, NULL) == 0)
			return opened("mounted %s", types[i]);
		why = errno;
		if (syscall(SYS_fsopen, types[i], 0) >= 0)
			return opened("fsopen %s", types[i]);
	}
	errno = why;
	return shut("nothing can be mounted");
}

static int move_tree(int argc, char **argv)
{
	int fd;

	if (spare_host())
		return RESULT_BROKEN;
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/usr", 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC | 0x8000);
	(void)argc, (void)argv;
	if (fd >= 0)
		return opened("open_tree");
	return judge(syscall(SYS_move_mount, AT_FDCWD, "/usr", AT_FDCWD, "/tmp", 0), "move_mount");
}

static int pivot_back(int argc, char **argv)
{
	if (spare_host())
		return RESULT_BROKEN;
	(void)argc, (void)argv;
	if (chdir("/tmp") < 0)
		return broken("chdir");
	return judge(syscall(SYS_pivot_root, ".", "."), "pivot_root");
}

static int change_root(int argc, char **argv)
{
	if (spare_host())
		return RESULT_BROKEN;
	(void)argc, (void)argv;
	return judge(chroot("/tmp"), "chroot");
}

const struct attack mount_attacks[] = {
	{"remount", "PATH: make it writable", remount},
	{"unmount", "PATH: uncover what is below", unmount},
	{"bind-over", "bind one folder over another", bind_over},
	{"make-shared", "connect the root with other mounts", make_shared},
	{"mount-new", "mount a new file system", mount_new},
	{"move-tree", "clone or move a mount", move_tree},
	{"pivot-back", "change the root of the namespace", pivot_back},
	{"change-root", "chroot", change_root},
	{NULL, NULL, NULL},
};
