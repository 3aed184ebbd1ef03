/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* root: files below the folder that is taken for "/". No link leads out of it. */
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/str.h"

/* An fd for the others, of `path`; NULL: "/". */
int root_fd(const char *path, struct err *e) __attribute__((nonnull(2)));
/* open(2); links are followed, with `root` as "/". An fd, or -1 and errno. */
int root_open(int root, const char *path, int flags) __attribute__((nonnull, warn_unused_result));
/* The same for a path of a closure, on which no link is; ELOOP if there is one by now. */
int root_open_plain(int root, const char *path, int flags) __attribute__((nonnull, warn_unused_result));
/* lstat(2) of a path on whose way no link is. 0, or -1 and errno. */
int root_look(int root, const char *path, struct stat *ret) __attribute__((nonnull, warn_unused_result));
/* Text of the link there, owned by the caller. 0 or negative errno. */
int root_read_link(int root, const char *path, char **ret) __attribute__((nonnull, warn_unused_result));
/* A whole small file; -EFBIG above 64 MiB. 0 or negative errno. */
int root_read(int root, const char *path, struct str *ret) __attribute__((nonnull));
/* Adds the names in a folder, sorted. 0 or negative errno. */
int root_list(int root, const char *path, struct strv *ret) __attribute__((nonnull));
/* Adds the paths that match, as glob(3), sorted in each folder. What can't be read matches nothing. */
void root_glob(int root, const char *pattern, struct strv *ret) __attribute__((nonnull));
