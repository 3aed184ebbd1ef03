/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resolve: paths below a folder that is the root for them, one name at a time. What openat2(2) has RESOLVE_IN_ROOT for
 * is done here, since the filter of a sandbox does not let that call through: its flags lie behind a pointer. */
#pragma once

/* The folder at `path`: links are followed, those that are absolute or go up no further than `root`. An fd of O_PATH,
 * or negative errno: ENOENT, ENOTDIR, ELOOP after 40 links, ESTALE if a folder is moved meanwhile. */
int resolve_folder(int root, const char *path) __attribute__((nonnull));

/* What is at `path`, where no name is a link: opened with `flags`. An fd or negative errno. */
int resolve_plain(int root, const char *path, int flags) __attribute__((nonnull));
