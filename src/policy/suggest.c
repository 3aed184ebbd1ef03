/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* suggest: edit distance with transpositions, over names of at most MAX_NAME bytes. */
#include "policy/suggest.h"

#include <string.h>

enum { MAX_NAME = 64 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The distance of optimal string alignment; three rows of its table are enough. Lengths are at most MAX_NAME. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][MAX_NAME + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	memset(rows, 0, sizeof rows);
	for (size_t j = 0; j <= b_len; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *oldest = before;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = oldest;
	}
	return last[b_len];
}

const char *suggest(const char *typed, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t len = strlen(typed);
	unsigned smallest = MAX_NAME;

	for (size_t i = 0; len <= MAX_NAME && i < count; i++) {
		size_t name_len = strlen(names[i]);
		unsigned d;

		if (name_len > MAX_NAME)
			continue;
		d = distance(typed, len, names[i], name_len);
		if (d <= name_len / 3 && d < smallest) {
			smallest = d;
			nearest = names[i];
		}
	}
	return nearest;
}
