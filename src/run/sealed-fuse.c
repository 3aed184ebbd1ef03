/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sealed-fuse: a FUSE, mounted by a child: of an ordinary caller in a user namespace of its own, which lives on in the
 * mount, and only in which /dev/fuse may have been opened. Whoever reads there must have an id in it: a command of root
 * has another one, so root's is mounted in the namespace of the host, where it may. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "init/init.h"
#include "init/status.h"
#include "run/sealed.h"

/* The caller as 0. */
static int enter_namespaces(struct err *e)
{
	char uids[32], gids[32];
	int r;

	(void)snprintf(uids, sizeof uids, "0 %u 1", geteuid());
	(void)snprintf(gids, sizeof gids, "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		(void)err_errno(e, errno, "make a user namespace for the FUSE");
		return err_hint(e, USER_NAMESPACES_HINT);
	}
	r = fd_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/uid_map", uids);
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/gid_map", gids);
	return r < 0 ? err_errno(e, -r, "map the caller's id for the FUSE") : 0;
}

static int mount_fuse(int *ret_device, struct err *e)
{
	autoclose int fs = -1, device = -1;
	char number[16];
	int fd;

	if (geteuid() != 0 && enter_namespaces(e) < 0)
		return -e->code;
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		return err_errno(e, errno, "open /dev/fuse");
	(void)snprintf(number, sizeof number, "%d", device);
	fs = sys_fsopen("fuse");
	if (fs < 0 || sys_fsconfig_string(fs, "source", "sbx") < 0 || sys_fsconfig_string(fs, "fd", number) < 0 ||
	    sys_fsconfig_string(fs, "rootmode", "40755") < 0 || sys_fsconfig_string(fs, "user_id", "0") < 0 ||
	    sys_fsconfig_string(fs, "group_id", "0") < 0 || sys_fsconfig_flag(fs, "ro") < 0 ||
	    sys_fsconfig_create(fs) < 0)
		return err_errno(e, errno, "mount a FUSE");
	fd = sys_fsmount(fs, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV);
	if (fd < 0)
		return err_errno(e, errno, "mount a FUSE");
	*ret_device = take_fd(&device);
	return fd;
}

static void child(int socket) __attribute__((noreturn));
static void child(int socket)
{
	struct status status = {.type = STATUS_NAMESPACE};
	int device = -1, mount = mount_fuse(&device, &status.err);

	if (mount < 0)
		status.type = STATUS_FAILED;
	if (status_send(socket, &status, mount) < 0 || (mount >= 0 && status_send(socket, &status, device) < 0))
		_exit(1);
	_exit(0);
}

/* Both are there, or the child's error. */
static int receive(int socket, int *ret_mount, int *ret_device, struct err *e)
{
	struct status status = {0};
	int r = status_receive(socket, &status, ret_mount);

	if (r > 0 && status.type == STATUS_FAILED) {
		*e = status.err;
		return -e->code;
	}
	if (r > 0)
		r = status_receive(socket, &status, ret_device);
	return r > 0 && *ret_mount >= 0 && *ret_device >= 0 ? 0 : err_set(e, EIO, "no FUSE was handed over");
}

int sealed_by_fuse(int *ret_device, struct err *e)
{
	autoclose int ours = -1, theirs = -1, mount = -1, device = -1;
	int pair[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return err_errno(e, errno, "make a process");
	if (pid == 0)
		child(theirs);
	while (waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "wait for a process");
	r = receive(ours, &mount, &device, e);
	if (r < 0)
		return r;
	*ret_device = take_fd(&device);
	return take_fd(&mount);
}
