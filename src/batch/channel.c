/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* channel: a message is its length in eight bytes, and its bytes. */
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "batch/batch.h"

static int send_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int channel_send(int fd, const struct str *message)
{
	uint64_t size = message->len;
	int r = send_all(fd, (const char *)&size, sizeof size);

	return r < 0 || !size ? r : send_all(fd, message->s, message->len);
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
