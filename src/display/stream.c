/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/socket.h"

enum { MOST = 1 << 19 /* of one message */, MOST_FDS = 4, PATIENCE_SECONDS = 5 };

int stream_connect(const char *socket_path, struct err *e)
{
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	struct sockaddr_un address;
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (socket_address(socket_path, &address, e) < 0)
		return -e->code;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return err_errno(e, errno, "connect to '%s'", socket_path);
	return take_fd(&fd);
}

int stream_open(const char *socket_path, struct stream *ret, struct err *e)
{
	int fd = stream_connect(socket_path, e);

	if (fd < 0)
		return fd;
	*ret = (struct stream){.fd = fd, .bytes = xmalloc(MOST)};
	return 0;
}

void stream_close(struct stream *stream)
{
	mem_close_ptr(&stream->fd);
	free(stream->bytes);
	*stream = (struct stream)STREAM_NONE;
}

void stream_finish(struct stream *stream)
{
	char ignored[4096];

	(void)shutdown(stream->fd, SHUT_WR);
	while (read(stream->fd, ignored, sizeof ignored) > 0)
		;
}

static ssize_t send_some(int fd, const struct str *bytes, size_t sent, const int *fds, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(MOST_FDS * sizeof(int))];
	} control = {0};
	struct iovec part = {bytes->s + sent, bytes->len - sent};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

int stream_send(struct stream *stream, const struct str *bytes, const int *fds, size_t count, struct err *e)
{
	for (size_t sent = 0; sent < bytes->len;) {
		ssize_t n = send_some(stream->fd, bytes, sent, fds, sent || count > MOST_FDS ? 0 : count);

		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "write to the display");
		if (n > 0)
			sent += (size_t)n;
	}
	return 0;
}

ssize_t stream_next(struct stream *stream, stream_length *length, const unsigned char **ret, struct err *e)
{
	memmove(stream->bytes, stream->bytes + stream->used, stream->size - stream->used);
	stream->size -= stream->used;
	stream->used = 0;
	for (;;) {
		ssize_t whole = length(stream->bytes, stream->size), n;

		if (whole < 0 || whole > MOST)
			return err_set(e, EPROTO, "what the display answers is damaged");
		if (whole > 0 && (size_t)whole <= stream->size) {
			stream->used = (size_t)whole;
			*ret = stream->bytes;
			return whole;
		}
		n = read(stream->fd, stream->bytes + stream->size, MOST - stream->size);
		if (n == 0)
			return err_set(e, ECONNRESET, "the display has closed the connection");
		if (n < 0 && errno == EAGAIN)
			return err_set(e, ETIMEDOUT, "the display has not answered for %d seconds", PATIENCE_SECONDS);
		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "read from the display");
		if (n > 0)
			stream->size += (size_t)n;
	}
}
