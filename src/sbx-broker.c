/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-broker: starts other programs for a sandbox, each in its own; src/open/open.h has the picture. A service of the
 * monitor (run/services.h), and the only one in no sandbox.
 *
 * One question at a time: what a hostile payload holds up is its own next question. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/socket.h"
#include "open/open.h"
#include "open/pace.h"
#include "open/peer.h"
#include "open/start.h"

enum { READY_FD = 3, BACKLOG = 8, PATIENCE_SECONDS = 1 };

/* The monitor has blocked what it takes by other ways; here each does what it does to any program. */
static int prepare(struct err *e)
{
	const char *home = getenv("HOME");
	sigset_t none;

	(void)sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0 || fcntl(READY_FD, F_SETFD, FD_CLOEXEC) < 0)
		return err_errno(e, errno, "take what sbx has given");
	if ((!home || chdir(home) < 0) && chdir("/") < 0)
		return err_errno(e, errno, "enter a folder");
	return 0;
}

/* Keeps the fd if there is just one: the space for one has room for a second. */
static int take_file(struct msghdr *message, int *ret)
{
	int fds[2], count = 0, file = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t size = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || size > sizeof fds)
			continue;
		memcpy(fds, CMSG_DATA(c), size);
		for (size_t i = 0; i < size / sizeof *fds; i++, count++) {
			if (count)
				(void)close(fds[i]);
			else
				file = fds[i];
		}
	}
	*ret = file;
	return message->msg_flags & MSG_CTRUNC ? 2 : count;
}

/* Nothing is read of it yet: what is no file could hold us up. */
static int check_file(int file, struct err *e)
{
	int flags = fcntl(file, F_GETFL);
	struct stat st;

	if (fstat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "only regular files are opened outside of a sandbox");
	if (flags < 0 || (flags & (O_ACCMODE | O_PATH)) != O_RDONLY)
		return err_set(e, EINVAL, "the file is not open for reading, and for that alone");
	return 0;
}

/* What is asked for, and the file that came with it. */
static int receive(int connection, struct asked *ret, int *ret_file, struct err *e)
{
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char packet[OPEN_PACKET + 1];
	struct iovec part = {packet, sizeof packet};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof control.bytes};
	ssize_t n;
	int count, r;

	(void)setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return err_errno(e, errno, "hear what is asked for");
	count = take_file(&message, ret_file);
	r = asked_read(packet, (size_t)n, ret, e);
	if (r == 0 && count != (ret->is_file ? 1 : 0))
		r = err_set(e, EINVAL, "one file comes with the name of one, and none with a link");
	return r == 0 && count ? check_file(*ret_file, e) : r;
}

static void answer(int connection, int r, const struct err *e)
{
	char text[OPEN_ANSWER];
	int status = r == 0 ? OPEN_DONE : r == -ENOENT ? OPEN_NO_TOOL : OPEN_FAILED;
	int len = snprintf(text, sizeof text, "%d%s%s%s", status, r == 0 ? "" : e->text,
			   r < 0 && e->hint[0] ? "\nhint: " : "", r < 0 ? e->hint : "");

	(void)send(connection, text, (size_t)len, MSG_NOSIGNAL);
}

static int keep_pace(const struct targets *targets, struct pace *pace, struct err *e)
{
	autofree char *shared = xasprintf("%s/.pace", targets->copies); /* where no sandbox sees it */
	autoclose int folder = folder_own(targets->copies, 077, e);
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	if (folder < 0)
		return err_set(e, EIO, "what is opened can't be counted");
	return pace_take(pace, now) ? pace_take_shared(shared, now, e)
				    : err_set(e, EAGAIN, "too much is opened at once: try it again in a moment");
}

static void serve(const struct targets *targets, struct pace *pace, int connection)
{
	struct asked asked = {0};
	autoclose int file = -1;
	struct err e = {0};
	int r = receive(connection, &asked, &file, &e); /* first: with a packet left unread, no answer would arrive */

	if (r == 0)
		r = peer_check(connection, &e);
	if (r == 0)
		r = keep_pace(targets, pace, &e);
	if (r == 0)
		r = start(targets, &asked, file, &e);
	answer(connection, r, &e);
	asked_done(&asked);
}

static int broker(const struct targets *targets, struct err *e)
{
	autoclose int socket = socket_listen(targets->socket, SOCK_SEQPACKET | SOCK_NONBLOCK, BACKLOG, e);
	struct pollfd slots[] = {{.fd = READY_FD}, {.fd = socket, .events = POLLIN}};
	struct pace pace = {0};

	if (socket < 0)
		return socket;
	if (write(READY_FD, "", 1) != 1)
		return err_errno(e, errno, "say that it is ready");
	for (;;) {
		autoclose int connection = -1;

		if (poll(slots, countof(slots), -1) < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for a question");
		while (waitpid(-1, NULL, WNOHANG) > 0) /* what was not waited for */
			;
		if (slots[0].revents) /* nobody waits for us any more */
			return 0;
		connection = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
		if (connection >= 0)
			serve(targets, &pace, connection);
	}
}

int main(int argc, char **argv)
{
	struct targets targets = {0};
	struct err e = {0};
	int r = argc < 1 ? err_set(&e, EINVAL, "started without a name") : targets_read(argv + 1, &targets, &e);

	if (r == 0)
		r = prepare(&e);
	if (r == 0)
		r = broker(&targets, &e);
	if (r < 0)
		(void)fprintf(stderr, "sbx-broker: %s\n", e.text);
	targets_done(&targets);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
