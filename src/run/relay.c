/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"

enum { COPY_SIZE = 4096, SPLICE_SIZE = 1 << 20 }; /* PIPE_BUF bytes never block a pipe that poll(2) calls writable */

bool relay_open(const struct relay *relay)
{
	return relay->from >= 0;
}

void relay_close(struct relay *relay)
{
	mem_close_ptr(&relay->from);
	if (!relay->to_terminal)
		mem_close_ptr(&relay->to);
	free(relay->pending);
	relay->pending = NULL;
	relay->pending_start = relay->pending_end = 0;
	relay->from = relay->to = -1;
}

static bool pending(const struct relay *relay)
{
	return relay->pending_start < relay->pending_end;
}

bool relay_poll(const struct relay *relay, struct pollfd *ret)
{
	if (!relay_open(relay))
		return false;
	if (relay->from_ready || pending(relay))
		*ret = (struct pollfd){.fd = relay->to, .events = POLLOUT};
	else
		*ret = (struct pollfd){.fd = relay->from, .events = POLLIN};
	return true;
}

/* How much may pass now. 0: the limit is reached; then more input is what makes it truncated. */
static size_t room(const struct relay *relay, size_t most)
{
	int64_t left = relay->limit < 0 ? INT64_MAX : relay->limit - relay->passed;

	return left < (int64_t)most ? (size_t)left : most;
}

/* Nobody reads any more: closing our end tells the writer, by SIGPIPE. Anything else is not the command's affair. (EIO:
 * the command has closed its terminal.) */
static void failed(struct relay *relay)
{
	if (errno == EINTR || errno == EAGAIN)
		return;
	if (errno != EPIPE && !(errno == EIO && relay->to_terminal))
		relay->error = errno;
	relay_close(relay);
}

static void write_pending(struct relay *relay)
{
	ssize_t n = write(relay->to, relay->pending + relay->pending_start, relay->pending_end - relay->pending_start);

	if (n < 0) {
		failed(relay);
		return;
	}
	relay->pending_start += (uint32_t)n;
	relay->passed += n;
}

static void copy(struct relay *relay)
{
	size_t most = room(relay, COPY_SIZE);
	ssize_t n;

	if (!relay->pending)
		relay->pending = xmalloc(COPY_SIZE);
	n = read(relay->from, relay->pending, most);
	if (n == 0 || (n < 0 && errno == EIO)) { /* EIO: all slaves of a terminal are closed */
		relay_close(relay);
		return;
	}
	if (n < 0) {
		relay->from_ready &= errno != EAGAIN; /* the command has taken it back */
		failed(relay);
		return;
	}
	relay->from_ready = false;
	relay->pending_start = 0;
	relay->pending_end = (uint32_t)n;
	write_pending(relay);
}

static void move(struct relay *relay)
{
	ssize_t n;

	if (room(relay, 1) == 0) {
		int waiting = 0;

		/* a hang-up without a byte is the end, not too much output */
		relay->truncated = ioctl(relay->from, FIONREAD, &waiting) < 0 || waiting > 0;
		relay_close(relay);
		return;
	}
	if (relay->copy) {
		copy(relay);
		return;
	}
	n = splice(relay->from, NULL, relay->to, NULL, room(relay, SPLICE_SIZE), SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		relay->passed += n;
		relay->from_ready = false;
	} else if (n == 0) {
		relay_close(relay);
	} else if (errno == EINVAL || errno == EBADF || errno == EPERM || errno == ENOSYS) {
		/* EBADF: `to` was opened with O_APPEND; the last two: a filter around sbx */
		relay->copy = true;
		copy(relay);
	} else {
		relay->from_ready &= errno != EAGAIN;
		failed(relay);
	}
}

void relay_move(struct relay *relay, short revents)
{
	if (!relay_open(relay) || !revents)
		return;
	if (pending(relay))
		write_pending(relay);
	else if (!relay->from_ready)
		relay->from_ready = true; /* next: is there room? */
	else
		move(relay);
}
