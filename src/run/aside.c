/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/aside.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/coverage.h"
#include "base/mem.h"
#include "init/status.h"

static void aside_main(aside_fn *work, void *arg, int socket, pid_t maker) __attribute__((noreturn));
static void aside_main(aside_fn *work, void *arg, int socket, pid_t maker)
{
	struct status status = {.type = STATUS_FAILED};
	int fd = -1, r;

	(void)umask(0); /* modes are those that are asked for */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != maker)
		_exit(1);
	r = work(arg, &fd, &status.err);
	if (r == 0)
		status.type = STATUS_ENDED;
	(void)status_send(socket, &status, r == 0 ? fd : -1);
	coverage_keep();
	_exit(0);
}

/* The process has ended: what it said is there, or never will be. */
static int hear(int socket, int *ret_fd, struct err *e)
{
	struct status status = {0};
	int r = status_receive(socket, &status, ret_fd);

	if (r <= 0)
		return err_set(e, EIO, "the process that enters namespaces ended early");
	if (status.type == STATUS_ENDED)
		return 0;
	*e = status.err;
	return -e->code;
}

int aside_run(aside_fn *work, void *arg, int *ret_fd, struct err *e)
{
	pid_t maker = getpid(), pid;
	int ends[2], r;

	*ret_fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(e, errno, "make a pair of sockets");
	pid = fork();
	if (pid == 0)
		aside_main(work, arg, ends[1], maker);
	r = pid < 0 ? err_errno(e, errno, "make a process") : 0;
	(void)close(ends[1]);
	while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (r == 0)
		r = hear(ends[0], ret_fd, e);
	(void)close(ends[0]);
	return r;
}
