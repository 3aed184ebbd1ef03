/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* path: paths as texts; nothing is looked at. */
#pragma once

#include <stdbool.h>

/* Is the absolute path that of `above`, or of something in it? Neither has a slash at its end. */
bool path_below(const char *path, const char *above) __attribute__((nonnull));
/* Has it a ".." in it? */
bool path_goes_up(const char *path) __attribute__((nonnull));
/* By the letter, from the root on: one slash before each name, no "." and no ".."; "/" where nothing is left. Owned by
 * the caller. */
char *path_normal(const char *path) __attribute__((nonnull));
