/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* expand: `~` and ${...} of a path, once, and what a path must be afterwards. */
#pragma once

#include "policy/policy.h"

/* An absolute path without "//", ".", ".." and control bytes, and without '/' at its end; owned by the caller. `~`
 * counts at the start only. A relative path stands below `base` (an absolute real path), or is refused where that
 * is NULL. */
int expand_path(const char *text, const struct variables *vars, const char *base, char **ret_path, struct err *e)
	__attribute__((nonnull(1, 2, 4, 5)));
