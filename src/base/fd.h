/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fd: whole reads and writes, and the clock. */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

enum { NS_PER_SECOND = 1000000000 };

/* Writes all of it. 0 or negative errno. */
int fd_write(int fd, const void *bytes, size_t size) __attribute__((nonnull, warn_unused_result));
/* Adds all that can be read, to its end. 0, negative errno, or -EFBIG: `ret` would have more than `most` bytes. */
int fd_read_all(int fd, size_t most, struct str *ret) __attribute__((nonnull, warn_unused_result));
/* Opens `path` below `dir`, writes the whole text by one write(2), closes. 0 or negative errno. */
int fd_write_file(int dir, const char *path, const char *text) __attribute__((nonnull, warn_unused_result));
/* Reads at most size - 1 bytes, and ends them with NUL. Their number or negative errno. */
ssize_t fd_read_file(int dir, const char *path, char *buf, size_t size) __attribute__((nonnull, warn_unused_result));
/* open(2), where no name on the way may be a link; close-on-exec. An fd, or -1 and errno: ELOOP. */
int fd_open_plain(const char *path, int flags, mode_t mode) __attribute__((nonnull, warn_unused_result));
/* Gives what `name` is below `dir`, or `dir` itself where that is empty, to the owner "UID:GID"; an empty owner changes
 * nothing. No link is followed. 0 or negative errno. */
int fd_give(int dir, const char *name, const char *owner) __attribute__((nonnull, warn_unused_result));
/* Which file it is, and in what state: device, inode, size, and when its content and its inode were changed last. */
enum { FD_IDENTITY = 128 };
int fd_identity(int fd, char ret[FD_IDENTITY]) __attribute__((nonnull, warn_unused_result));
/* What is in a folder, for readdir(3); `folder` itself stays open, and where it is. NULL and errno. */
DIR *fd_list(int folder) __attribute__((warn_unused_result));
void fd_list_done(DIR **list);
#define autolist __attribute__((cleanup(fd_list_done)))
/* Adds the names in a folder but "." and "..", in no order. 0 or negative errno. */
int fd_names(int folder, struct strv *ret) __attribute__((nonnull, warn_unused_result));
/* CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID ... in nanoseconds. */
int64_t clock_ns(clockid_t clock);
