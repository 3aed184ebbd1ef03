/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

enum { BUFFER = 1 << 16, GZIP_ONLY = 16 + MAX_WBITS };

struct input {
	int fd;
	bool gzip, member, end; /* member: amid one; end: of fd */
	z_stream stream;        /* its next_in and avail_in are what is left of the buffer, gzip or not */
	unsigned char buffer[BUFFER];
};

/* More bytes into the buffer, behind those that are left of it. */
static int fill(struct input *input, struct err *e)
{
	size_t left = input->stream.avail_in;
	ssize_t n;

	if (left)
		memmove(input->buffer, input->stream.next_in, left);
	do
		n = read(input->fd, input->buffer + left, sizeof input->buffer - left);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, errno, "read standard input");
	input->end = n == 0;
	input->stream.next_in = input->buffer;
	input->stream.avail_in = (uInt)(left + (size_t)n);
	return 0;
}

int input_open(int fd, struct input **ret, struct err *e)
{
	autoinput struct input *input = xcalloc(1, sizeof *input);

	input->fd = fd;
	while (input->stream.avail_in < 2 && !input->end) {
		int r = fill(input, e);

		if (r < 0)
			return r;
	}
	if (input->stream.avail_in >= 2 && input->buffer[0] == 0x1f && input->buffer[1] == 0x8b) {
		if (inflateInit2(&input->stream, GZIP_ONLY) != Z_OK)
			return err_set(e, ENOMEM, "no memory for zlib");
		input->gzip = true;
	}
	*ret = take(input);
	return 0;
}

bool input_is_gzip(const struct input *input)
{
	return input->gzip;
}

static ssize_t plain(struct input *input, void *bytes, size_t size)
{
	size_t n = input->stream.avail_in < size ? input->stream.avail_in : size;

	memcpy(bytes, input->stream.next_in, n);
	input->stream.next_in += n;
	input->stream.avail_in -= (uInt)n;
	return (ssize_t)n;
}

/* Whatever follows a member is the next one, or an error. */
static int inflate_more(struct input *input, struct err *e)
{
	int r;

	if (!input->member && inflateReset(&input->stream) != Z_OK)
		return err_set(e, EINVAL, "zlib can't begin again");
	input->member = true;
	r = inflate(&input->stream, Z_NO_FLUSH);
	if (r == Z_STREAM_END)
		input->member = false;
	else if (r != Z_OK && r != Z_BUF_ERROR)
		return err_set(e, EBADMSG, "the gzip is damaged: %s",
			       r == Z_DATA_ERROR && input->stream.msg ? input->stream.msg : "no reason given");
	return 0;
}

ssize_t input_read(struct input *input, void *bytes, size_t size, struct err *e)
{
	uInt room = size < BUFFER ? (uInt)size : BUFFER;

	input->stream.next_out = bytes;
	input->stream.avail_out = room;
	while (input->stream.avail_out == room) {
		int r = 0;

		if (!input->stream.avail_in && !input->end)
			r = fill(input, e);
		if (r < 0)
			return r;
		if (!input->gzip)
			return plain(input, bytes, size);
		if (!input->stream.avail_in && input->end)
			return input->member ? err_set(e, EBADMSG, "the gzip is cut off") : 0;
		r = inflate_more(input, e);
		if (r < 0)
			return r;
	}
	return (ssize_t)(room - input->stream.avail_out);
}

void input_done(struct input **ptr)
{
	struct input *input = *ptr;

	if (!input)
		return;
	if (input->gzip)
		(void)inflateEnd(&input->stream);
	free(input);
	*ptr = NULL;
}
