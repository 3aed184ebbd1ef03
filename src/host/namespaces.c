/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* namespaces: whether they can be made, by trying: too many things can forbid it. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "host/host.h"

/* What a launch makes: namespaces, a mount, and a user namespace inside of the first. AppArmor of Ubuntu lets the
 * namespace be made, and forbids all that it is for. */
static int try_them(uid_t uid)
{
	char map[32];
	int r;

	(void)snprintf(map, sizeof map, "0 %u 1", uid);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno;
	r = fd_write_file(AT_FDCWD, "/proc/self/uid_map", map);
	if (r < 0)
		return -r;
	return mount("tmpfs", "/", "tmpfs", 0, NULL) < 0 || unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}

int host_try_namespaces(const struct host *host)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(try_them(host->uid));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}
