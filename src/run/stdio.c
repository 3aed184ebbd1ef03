/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stdio: what becomes of fds 0, 1 and 2. No fd of the caller enters the sandbox: a payload could change its flags, or
 * open its file again for more through /proc/self/fd; so bytes pass through pipes of the monitor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "run/monitor.h"

/* A file named in the profile, opened as the caller. Its path has been resolved: what is a link by now, somebody has
 * put there. A FIFO or a device must not block or be waited for. */
static int open_file(int fd, const char *path, struct err *e)
{
	int flags = fd == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
	autoclose int file = fd_open_plain(path, flags | O_NOCTTY | O_NONBLOCK, 0666);
	struct stat st;

	if (file < 0)
		return err_errno(e, errno, "open '%s' for fd %d", path, fd);
	if (fstat(file, &st) < 0)
		return err_errno(e, errno, "look at '%s' for fd %d", path, fd);
	if (!S_ISREG(st.st_mode) && !(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)))
		return err_set(e, EINVAL, "'%s' for fd %d is neither a regular file nor /dev/null", path, fd);
	return take_fd(&file);
}

static int own_end(int fd, const char *path, struct err *e)
{
	int dup;

	if (*path)
		return open_file(fd, path, e);
	dup = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return dup >= 0 ? dup : err_errno(e, errno, "duplicate fd %d", fd);
}

/* A terminal takes some bytes when poll(2) says so, and blocks for the rest. Its description is the caller's, so that
 * it can't be changed: it is opened anew. (A terminal of another user can't be; then it may block.) */
static void never_block(struct relay *relay, int *fd)
{
	char path[32];
	int again;

	if (!isatty(*fd))
		return;
	relay->copy = true;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
	again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again < 0)
		return;
	mem_close_ptr(fd);
	*fd = again;
}

/* Whoever is at the other end of the caller's pipe must see when the payload closes its own, and not only when we end:
 * so we keep no other fd of it. What is no pipe has no other end, and may be looked at later. */
static int let_go(int fd, struct err *e)
{
	autoclose int null = -1;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "look at fd %d", fd);
	if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
		return 0;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	return null >= 0 && dup2(null, fd) >= 0 ? 0 : err_errno(e, errno, "give fd %d away", fd);
}

static int make_relay(struct monitor *m, int fd, const char *path, struct err *e)
{
	struct relay *relay = &m->relay[fd];
	autoclose int outside = own_end(fd, path, e);
	int ends[2];

	if (outside < 0)
		return outside;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe for fd %d", fd);
	/* the payload may open the other end by its /proc, and take or fill what poll(2) has promised to the monitor */
	if (fcntl(ends[fd == 0], F_SETFL, O_NONBLOCK) < 0) {
		(void)err_errno(e, errno, "make the pipe for fd %d one that never blocks", fd);
		(void)close(ends[0]);
		(void)close(ends[1]);
		return -e->code;
	}
	if (fd > 0)
		never_block(relay, &outside);
	relay->from = fd == 0 ? outside : ends[0];
	relay->to = fd == 0 ? ends[1] : outside;
	m->child_stdio[fd] = fd == 0 ? ends[0] : ends[1];
	outside = -1;
	return fd < 2 ? let_go(fd, e) : 0; /* the other one is for what we have to say */
}

/* What comes out of the sandbox's terminal goes to `fd`, by the relay `shown`. The other half is made when init has
 * handed the master over. */
static int show_terminal(struct monitor *m, int fd, int shown, struct err *e)
{
	int dup = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (dup < 0)
		return err_errno(e, errno, "duplicate fd %d", fd);
	m->shown = shown;
	never_block(&m->relay[shown], &dup);
	m->relay[shown].to = dup;
	return 0;
}

static int make_terminal(struct monitor *m, int fd, struct err *e)
{
	m->child_stdio[fd] = -2;
	if (fd > 0) /* both outputs come out of the same terminal */
		return m->shown == RELAY_TERMINAL ? show_terminal(m, fd, fd, e) : 0;
	m->terminal.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return m->terminal.fd >= 0 ? 0 : err_errno(e, errno, "duplicate fd %d", fd);
}

static int inherit(struct monitor *m, int fd, struct err *e)
{
	m->child_stdio[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return m->child_stdio[fd] >= 0 ? let_go(fd, e) : err_errno(e, errno, "duplicate fd %d", fd);
}

/* One pipe for both, so that what is written first arrives first. fd 1 comes before. */
static int same_as_output(struct monitor *m, int fd, struct err *e)
{
	int output = m->child_stdio[1];

	m->child_stdio[fd] = output < 0 ? output : fcntl(output, F_DUPFD_CLOEXEC, 3);
	return output < 0 || m->child_stdio[fd] >= 0 ? 0 : err_errno(e, errno, "duplicate fd 1 for fd %d", fd);
}

int monitor_stdio(struct monitor *m, struct err *e)
{
	for (size_t i = 0; i < m->plan->count; i++) {
		const struct step *step = &m->plan->step[i];
		int fd = (int)step->n, r = 0;

		if (step->kind != STEP_STDIO)
			continue;
		if (fd < 0 || fd > 2)
			return err_set(e, EINVAL, "fd %d is no standard stream", fd);
		switch ((enum stdio_plan)step->m) {
		case STDIO_PLAN_NULL:
			break;
		case STDIO_PLAN_RELAY:
		case STDIO_PLAN_FILE:
			r = make_relay(m, fd, plan_text(m->plan, step->a), e);
			break;
		case STDIO_PLAN_TERMINAL:
			r = make_terminal(m, fd, e);
			break;
		case STDIO_PLAN_INHERIT:
			r = inherit(m, fd, e);
			break;
		case STDIO_PLAN_OUTPUT:
			r = same_as_output(m, fd, e);
			break;
		}
		if (r < 0)
			return r;
	}
	if (m->terminal.fd >= 0 && m->shown == RELAY_TERMINAL) /* neither output is a terminal; /dev/tty still is */
		return show_terminal(m, m->terminal.fd, RELAY_TERMINAL, e);
	return 0;
}
