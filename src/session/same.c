/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* same: whether two files, or two links, are. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "box/place.h"
#include "session/read.h"

enum { BUFFER = 64 * 1024 };

/* As many bytes as there are, at most `size`; -1. */
static ssize_t read_at(int fd, char *buffer, size_t size, off_t at)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, buffer + len, size - len, at + (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Where the data of either begins that is not a hole in both. */
static off_t next_data(int a, int b, off_t at, off_t size)
{
	off_t x = lseek(a, at, SEEK_DATA), y;

	if (x < 0)
		x = errno == ENXIO ? size : at;
	y = lseek(b, at, SEEK_DATA);
	if (y < 0)
		y = errno == ENXIO ? size : at;
	return x < y ? x : y;
}

bool change_same_file(int folder, int other, const char *name)
{
	autoclose int a = place_open_name(folder, name, O_RDONLY), b = place_open_name(other, name, O_RDONLY);
	autofree char *buffer = xmalloc(2 * (size_t)BUFFER);
	struct stat x, y;

	if (a < 0 || b < 0 || fstat(a, &x) < 0 || fstat(b, &y) < 0 || !S_ISREG(x.st_mode) || !S_ISREG(y.st_mode) ||
	    x.st_size != y.st_size)
		return false;
	for (off_t at = 0; (at = next_data(a, b, at, x.st_size)) < x.st_size;) {
		ssize_t n = read_at(a, buffer, BUFFER, at);

		if (n <= 0 || read_at(b, buffer + BUFFER, (size_t)n, at) != n ||
		    memcmp(buffer, buffer + BUFFER, (size_t)n) != 0)
			return false;
		at += n;
	}
	return true;
}

bool change_same_link(int folder, int other, const char *name)
{
	char a[PATH_MAX], b[PATH_MAX];
	ssize_t n = readlinkat(folder, name, a, sizeof a);

	return n >= 0 && readlinkat(other, name, b, sizeof b) == n && memcmp(a, b, (size_t)n) == 0;
}
