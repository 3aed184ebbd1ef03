/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; the same on all architectures that sbx knows */
#endif

/* Of the process itself, where the kernel says it; else of its number, which may be another's by now: then that is who
 * is looked at. */
static int pidfd_of(int connection, pid_t pid)
{
	socklen_t size = sizeof(int);
	int fd = -1;

	if (getsockopt(connection, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0)
		return fd;
	return pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

/* In how many pid namespaces, from ours down, it has a number; 0: not known. */
static size_t depth(pid_t pid)
{
	static const char key[] = "\nNSpid:";
	autofree char *path = xasprintf("/proc/%d/status", (int)pid);
	size_t count = 0;
	char text[8192];
	const char *p;

	if (fd_read_file(AT_FDCWD, path, text, sizeof text) < 0)
		return 0;
	p = strstr(text, key);
	for (p = p ? p + strlen(key) : ""; *p == '\t' || *p == ' '; p += strcspn(p, "\t \n"), count++)
		p += strspn(p, "\t ");
	return count;
}

int peer_check(int connection, struct err *e)
{
	struct ucred peer = {0};
	socklen_t size = sizeof peer;
	autoclose int pidfd = -1;
	struct pollfd gone;
	size_t deep;

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return err_errno(e, errno, "ask who asks");
	pidfd = pidfd_of(connection, peer.pid);
	deep = depth(peer.pid);
	gone = (struct pollfd){.fd = pidfd, .events = POLLIN};
	/* while it lives, its number is nobody else's, and what was read is its own */
	if (pidfd < 0 || poll(&gone, 1, 0) != 0)
		return err_set(e, ESRCH, "the process that asks has ended");
	return deep > 1 ? 0 : err_set(e, EPERM, "the process that asks is in no sandbox");
}
