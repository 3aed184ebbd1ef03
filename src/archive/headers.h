/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* headers: a second look at the raw headers of an entry, for what a reader of tar resolves without a word: names that
 * go on after a NUL, records of pax that are none, types that nobody knows; pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { HEADERS_BLOCK = 512 };

/* `bytes` begin with the first header of an entry: pax records and long names, of which there may be none, and the
 * header itself; what is behind that is not looked at. The type of the entry is in *ret_type. */
int headers_check(const char *bytes, size_t size, char *ret_type, struct err *e) __attribute__((nonnull));

/* `bytes` are what was read after the last entry: two blocks of zeros, or one if the archive ends with it. */
int headers_check_end(const char *bytes, size_t size, bool more, struct err *e) __attribute__((nonnull(1, 4)));
