/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream: a connection to the server of a display. What it says is bounded, in bytes and in time. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct stream {
	int fd;               /* -1 */
	unsigned char *bytes; /* that were read; owned */
	size_t size, used;    /* of them, and what is over */
};
#define STREAM_NONE                                                                                                    \
	{                                                                                                              \
		.fd = -1                                                                                               \
	}

/* How long the message is that begins here; 0: that is not known yet. Negative: there is no such message. */
typedef ssize_t stream_length(const unsigned char *bytes, size_t size);

/* A connected socket, on which nothing takes longer than some seconds. */
int stream_connect(const char *socket, struct err *e) __attribute__((nonnull));
int stream_open(const char *socket, struct stream *ret, struct err *e) __attribute__((nonnull));
void stream_close(struct stream *stream);
#define autostream __attribute__((cleanup(stream_close)))
/* No more will be said; waits until the server has heard the last of it: one that sees its client gone, reads no more.
 */
void stream_finish(struct stream *stream) __attribute__((nonnull));
/* All of it, with `count` fds, which stay open here. */
int stream_send(struct stream *stream, const struct str *bytes, const int *fds, size_t count, struct err *e)
	__attribute__((nonnull(1, 2, 5)));
/* The next message, whole, which is there until the next call; its length. */
ssize_t stream_next(struct stream *stream, stream_length *length, const unsigned char **ret, struct err *e)
	__attribute__((nonnull));
