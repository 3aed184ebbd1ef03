/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* channel: a message is its length in eight bytes, and its bytes. */
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/mem.h"
#include "batch/batch.h"

/* By one call as a rule: the other end would wake up for the length alone. */
int channel_send(int fd, const struct str *message)
{
	uint64_t size = message->len;
	struct iovec left[] = {{&size, sizeof size}, {message->s, message->len}};
	struct msghdr header = {.msg_iov = left, .msg_iovlen = countof(left)};

	while (left[0].iov_len || left[1].iov_len) {
		ssize_t n = sendmsg(fd, &header, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (size_t i = 0; n > 0 && i < countof(left); i++) {
			size_t sent = (size_t)n < left[i].iov_len ? (size_t)n : left[i].iov_len;

			left[i].iov_base = (char *)left[i].iov_base + sent;
			left[i].iov_len -= sent;
			n -= (ssize_t)sent;
		}
	}
	return 0;
}

/* 1: all of it; 0: the end came before the first byte. */
static int receive_all(int fd, char *bytes, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = recv(fd, bytes + got, size - got, 0);

		if (n == 0)
			return got ? -EPIPE : 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		got += n > 0 ? (size_t)n : 0;
	}
	return 1;
}

int channel_receive(int fd, struct str *ret)
{
	uint64_t size;
	int r = receive_all(fd, (char *)&size, sizeof size);

	if (r <= 0)
		return r;
	if (size > BATCH_MESSAGE_MAX)
		return -EMSGSIZE;
	if (ret->cap <= size) {
		ret->cap = size + 1;
		ret->s = xrealloc(ret->s, ret->cap, 1);
	}
	ret->len = size;
	ret->s[size] = '\0';
	r = size ? receive_all(fd, ret->s, size) : 1;
	return r == 0 ? -EPIPE : r;
}
