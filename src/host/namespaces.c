/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* namespaces: whether they can be made, by trying: too many things can forbid it. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/coverage.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "host/host.h"

/* 0, or -1 and errno. It is attached nowhere: for a process whose root is covered the kernel makes no user namespace,
 * as after a chroot. */
static int mount_something(void)
{
	autoclose int fs = sys_fsopen("tmpfs"), mount = -1;

	if (fs < 0 || sys_fsconfig_create(fs) < 0)
		return -1;
	mount = sys_fsmount(fs, 0);
	return mount < 0 ? -1 : 0;
}

/* What a launch makes: namespaces, a mount, and a user namespace inside of the first. AppArmor of Ubuntu lets the
 * namespace be made, and forbids all that it is for. */
static int try_them(uid_t uid, gid_t gid)
{
	char map[32];
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno;
	/* without both maps no user namespace is made inside of this one */
	r = fd_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof map, "0 %u 1", uid);
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/uid_map", map);
	(void)snprintf(map, sizeof map, "0 %u 1", gid);
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/gid_map", map);
	if (r < 0)
		return -r;
	return mount_something() < 0 || unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}

int host_try_namespaces(const struct host *host)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		/* behind the gate the files of the maps would be root's; what is made there executes a program, after
		 * which they are not */
		if (host->gated)
			(void)prctl(PR_SET_DUMPABLE, 1);
		status = try_them(host->uid, host->gid);
		coverage_keep();
		_exit(status);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}
