/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lines: standard input, cut at its line ends. A line that is too long costs no more memory than the longest that may
 * be: it is read over, and told of. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "batch/batch.h"

enum { READ_SIZE = 64 * 1024 };

static void forget(struct lines *l, size_t count)
{
	l->begin += count;
	l->searched = 0;
}

int lines_read(struct lines *l, struct err *e)
{
	ssize_t n;

	if (l->begin) {
		memmove(l->read.s, l->read.s + l->begin, l->read.len - l->begin);
		l->read.len -= l->begin;
		l->begin = 0;
	}
	if (l->read.cap < l->read.len + READ_SIZE + 1) {
		l->read.cap = 2 * (l->read.len + READ_SIZE + 1);
		l->read.s = xrealloc(l->read.s, l->read.cap, 1);
	}
	do
		n = read(STDIN_FILENO, l->read.s + l->read.len, READ_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		return err_errno(e, errno, "read jobs from standard input");
	l->read.len += n > 0 ? (size_t)n : 0;
	l->ended = n == 0;
	return 0;
}

/* What is in the way of the next line of a fair length. */
static int skip(struct lines *l, const char *end)
{
	char *from = l->read.s + l->begin;

	forget(l, end ? (size_t)(end - from) + 1 : l->read.len - l->begin);
	l->skipping = !end && !l->ended;
	return l->skipping ? 0 : -EMSGSIZE;
}

int lines_next(struct lines *l, struct str *ret)
{
	char *from = l->read.s ? l->read.s + l->begin : NULL, *end = NULL;
	size_t left = l->read.len - l->begin, len;

	if (left > l->searched)
		end = memchr(from + l->searched, '\n', left - l->searched);
	len = end ? (size_t)(end - from) : left;
	if (l->skipping || len > BATCH_LINE_MAX)
		return skip(l, end);
	if (!end && !(l->ended && left)) {
		l->searched = left;
		return 0;
	}
	from[len] = '\0'; /* where its end was, or the room for one more byte */
	ret->s = from;
	ret->len = len;
	forget(l, len + (end ? 1 : 0));
	return 1;
}

bool lines_at_end(const struct lines *l)
{
	return l->ended && !l->skipping && l->begin == l->read.len;
}
