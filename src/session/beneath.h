/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* beneath: names in a tree, each of which may be a stranger's, and a path longer than the kernel takes. */
#pragma once

#include <stdbool.h>

/* An fd, by O_PATH, of the folder that holds `path`, and its last name; no name on the way is a link or a mount. "" is
 * the tree itself, with the name ".". Negative errno. */
int beneath_parent(int tree, const char *path, const char **ret_name) __attribute__((nonnull));
/* Is one of two paths below a folder that of the other, or of something in it? "" is the folder. */
bool beneath_is_in(const char *path, const char *above) __attribute__((nonnull));
