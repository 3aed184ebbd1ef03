/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resolve: destinations, only inside the new root; no link is followed, so that nothing outside can ever be named.
 * (Sources are the other side: opened once, in the host's view, links followed, and held as an fd: mounts.c.) */
#pragma once

#include <sys/types.h>

#include "base/err.h"

struct new_root {
	int fd;           /* the root tmpfs; -1 before it is made */
	int parent;       /* the folder last resolved; -1: none */
	const char *path; /* a text of the plan that begins with its path */
	size_t len;       /* as long as this */
};

#define NEW_ROOT_NONE                                                                                                  \
	{                                                                                                              \
		.fd = -1, .parent = -1                                                                                 \
	}

/* The fd of the folder that holds `path`, borrowed until the next call, and the last name of the path. `path` is kept.
 */
int root_parent(struct new_root *root, const char *path, const char **ret_name, struct err *e) __attribute__((nonnull));
/* The same for a path that exists and is no link. (Should it become one, then what is done to it is done to the link.)
 */
int root_target(struct new_root *root, const char *path, const char **ret_name, struct err *e) __attribute__((nonnull));
/* Something was mounted on `path`: forgets what was resolved below it. */
void root_mounted(struct new_root *root, const char *path) __attribute__((nonnull));
