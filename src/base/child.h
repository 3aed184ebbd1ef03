/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* child: another program, run to its end; what it says is kept in memory, so that nobody has to read meanwhile. */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* Runs argv[0], a path, in a folder (an fd; -1: where the caller is), with three fds as its standard streams. Its exit
 * status, 128 and more if a signal ended it, or a negative errno. */
int child_run(char *const *argv, int folder, const int streams[3], struct err *e) __attribute__((nonnull));
/* The same, but it is waited for no longer than so long: then -ETIMEDOUT, and it goes on. */
int child_run_for(char *const *argv, int folder, const int streams[3], int ms, struct err *e) __attribute__((nonnull));
/* A file in memory, with `content` (NULL: empty) to be read from its beginning. An fd. */
int child_file(const struct str *content, struct err *e) __attribute__((nonnull(2)));
/* All that is in one, at most `most` bytes: EFBIG. */
int child_said(int file, size_t most, struct str *ret, struct err *e) __attribute__((nonnull));
/* Fails with the first line that a program, `who`, has said on its standard error, and with its hint; a name and ": "
 * at the beginning of the line are left out. */
int child_failed(const char *who, int status, const struct str *said, struct err *e) __attribute__((nonnull));
/* The path of sbx, which is beside this program. Owned by the caller; NULL: it can't be found out. */
char *child_sbx(struct err *e) __attribute__((nonnull));
/* The option of sbx that bounds the memory of a program. With sanitizers it takes more, and locks up where there is no
 * more. */
#ifdef WITH_SANITIZERS
#define CHILD_MEMORY(size) "--set=limits.memory="
#else
#define CHILD_MEMORY(size) "--set=limits.memory=" size
#endif
