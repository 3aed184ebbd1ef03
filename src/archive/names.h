/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names: paths in an archive, as bytes; pure. */
#pragma once

#include <stdint.h>

#include "base/err.h"

enum { NAMES_PATH = 4095, NAMES_NAME = 255 };

#define WHITEOUT ".wh."
#define WHITEOUT_OPAQUE_NAME ".wh..wh..opq"

/* A path below the tree, without a slash at either end, without "." and empty names; "" for the tree itself. Refused:
 * "..", a path without a name, one that is too long, or has more names than `depth`. Owned by the caller. */
int names_normal(const char *raw, uint64_t depth, char **ret, struct err *e) __attribute__((nonnull));

enum whiteout {
	WHITEOUT_NONE,
	WHITEOUT_NAME,    /* ".wh.NAME" or ".wh..wh..opq" at the end; must be an empty regular file */
	WHITEOUT_METADATA /* what aufs keeps for itself, or something below it: to be skipped */
};

/* Refused: whiteouts that name nothing, or other than the last name, and metadata that nobody knows. */
int names_whiteout(const char *path, enum whiteout *ret, struct err *e) __attribute__((nonnull));

/* 'PATH' for a message: escaped, and cut if it is long. Owned by the caller. */
char *names_readable(const char *path) __attribute__((nonnull, returns_nonnull));
