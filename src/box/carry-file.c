/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "box/carry-file.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096 };

static bool is_zero(const char *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static int write_at(int fd, const char *bytes, size_t size, off_t at)
{
	while (size) {
		ssize_t n = pwrite(fd, bytes, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
		at += n;
	}
	return 0;
}

/* Writes what is not zero, in as few pieces as that takes. */
static int write_pages(struct copy *c, size_t size, off_t at)
{
	size_t begin = 0;

	for (size_t i = 0; i < size; i += PAGE) {
		size_t page = size - i < PAGE ? size - i : PAGE;
		bool zero = is_zero(c->buffer + i, page);
		size_t end = zero ? i : i + page;

		if (!zero && end < size)
			continue;
		if (end > begin) {
			int r = end - begin > *c->left
					? -E2BIG
					: write_at(c->to, c->buffer + begin, end - begin, at + (off_t)begin);

			if (r < 0)
				return r;
			*c->left -= end - begin;
		}
		begin = i + page;
	}
	return 0;
}

static int copy_data(struct copy *c, off_t at, off_t end)
{
	while (at < end) {
		size_t size = end - at < CARRY_BUFFER ? (size_t)(end - at) : CARRY_BUFFER;
		ssize_t n = pread(c->from, c->buffer, size, at);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		r = write_pages(c, (size_t)n, at);
		if (r < 0)
			return r;
		at += n;
	}
	return 0;
}

int carry_content(struct copy *c, off_t size)
{
	for (off_t at = 0; at < size;) {
		off_t data = lseek(c->from, at, SEEK_DATA), hole;
		int r;

		if (data < 0 && errno == ENXIO)
			break; /* a hole up to the end */
		if (data < 0)
			return -errno;
		hole = lseek(c->from, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		r = copy_data(c, data, hole < size ? hole : size);
		if (r < 0)
			return r;
		at = hole;
	}
	return ftruncate(c->to, size) < 0 ? -errno : 0;
}
