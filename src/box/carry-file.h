/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carry-file: the content of one file. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum { CARRY_BUFFER = 128 * 1024 };

struct copy {
	int from, to;
	char *buffer;   /* of CARRY_BUFFER bytes */
	uint64_t *left; /* bytes that may still be written; goes down */
};

/* Copies `size` bytes of a regular file to an empty one. Holes stay holes, and a page of zeros becomes one, so that
 * what has been carried once always fits where it came from. 0; -E2BIG: more than was left; or another negative errno.
 */
int carry_content(struct copy *copy, off_t size) __attribute__((nonnull));
