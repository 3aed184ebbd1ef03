/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pattern: which paths of a box are asked for. The patterns are the caller's, the paths a payload's: no pair of them
 * takes long, which fnmatch(3) does not promise. */
#pragma once

#include <stdbool.h>

/* Path and pattern are names between slashes, without one at the start. In a name of the pattern, '*' stands for any
 * bytes, '?' for one, [abc], [a-z] and [!a] for one of a set, and '\' takes the meaning from the next. True if the
 * pattern is that of the path, or of a folder above it: who asks for a folder asks for all in it. */
bool pattern_takes(const char *pattern, const char *path) __attribute__((nonnull));
