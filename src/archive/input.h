/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* input: the bytes of an archive, without gzip if they had one; of all its members, each checked to its last byte,
 * which the filter of libarchive (3.6) does not do. The only user of zlib. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct input;

/* Looks at the first bytes of `fd`. */
int input_open(int fd, struct input **ret, struct err *e) __attribute__((nonnull));
bool input_is_gzip(const struct input *input) __attribute__((nonnull));
/* At most `size` bytes; 0 is the end. */
ssize_t input_read(struct input *input, void *bytes, size_t size, struct err *e) __attribute__((nonnull));
void input_done(struct input **input);
#define autoinput __attribute__((cleanup(input_done)))
