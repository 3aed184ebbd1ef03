/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sealed-kernel: the file system of a file that only root can have written, mounted by the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "run/sealed.h"

enum { TRIES = 32, PATH = 40 };

/* Whoever had it open for writing before it was root's may still write to it. */
static int check_writers(int file, struct err *e)
{
	if (fcntl(file, F_SETLEASE, F_RDLCK) < 0) {
		if (errno == EAGAIN)
			return err_set(e, ETXTBSY, "it is open for writing, so the kernel must not read it");
		return err_errno(e, errno, "look whether it is open for writing");
	}
	return fcntl(file, F_SETLEASE, F_UNLCK) < 0 ? err_errno(e, errno, "give a lease back") : 0;
}

/* A loop device that goes with the mount; its fd, and its path. */
static int make_loop(int file, char ret_path[PATH], struct err *e)
{
	autoclose int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	struct loop_config config = {.fd = (__u32)file, .info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR};

	if (control < 0)
		return err_errno(e, errno, "open /dev/loop-control");
	for (int tries = 0; tries < TRIES; tries++) { /* another may take the same one */
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		autoclose int device = -1;

		if (number < 0)
			return err_errno(e, errno, "find a free loop device");
		(void)snprintf(ret_path, PATH, "/dev/loop%d", number);
		device = open(ret_path, O_RDONLY | O_CLOEXEC);
		if (device < 0)
			return err_errno(e, errno, "open '%s'", ret_path);
		if (ioctl(device, LOOP_CONFIGURE, &config) == 0)
			return take_fd(&device);
		if (errno != EBUSY)
			return err_errno(e, errno, "set up '%s'", ret_path);
	}
	return err_set(e, EBUSY, "no loop device stays free for long enough");
}

/* What the kernel has to say of it, where it has: "e some words". */
static int explain(int fs, const char *form, int code, struct err *e)
{
	char text[256];
	ssize_t n = read(fs, text, sizeof text - 1);

	if (n > 2) {
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		return err_set(e, code, "mount the %s: %s (%s)", form, strerror(code), text + 2);
	}
	return err_errno(e, code, "mount the %s", form);
}

/* ENOTBLK: it must be a block device. */
static int mount_source(const char *source, const char *form, struct err *e)
{
	autoclose int fs = sys_fsopen(form);
	int fd;

	if (fs < 0) {
		(void)err_errno(e, errno, "the kernel has no %s", form);
		return err_hint(e, "sbxctl image import FILE makes an image of it that needs none");
	}
	if (sys_fsconfig_string(fs, "source", source) < 0 || sys_fsconfig_flag(fs, "ro") < 0 ||
	    sys_fsconfig_create(fs) < 0)
		return explain(fs, form, errno, e);
	fd = sys_fsmount(fs, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV);
	return fd >= 0 ? fd : err_errno(e, errno, "mount the %s", form);
}

int sealed_by_kernel(int file, const char *form, struct err *e)
{
	autoclose int loop = -1;
	char path[PATH];
	int r = check_writers(file, e);

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	if (strcmp(form, "erofs") == 0) { /* from Linux 6.12 on a file will do, if it is not in a tmpfs */
		r = mount_source(path, form, e);
		if (r != -ENOTBLK)
			return r;
		err_clear(e);
	}
	loop = make_loop(file, path, e);
	return loop < 0 ? loop : mount_source(path, form, e);
}
