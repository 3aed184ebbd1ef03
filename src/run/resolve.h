/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resolve: destinations, only inside the new root; no link is followed, so that nothing outside can ever be named.
 * (Sources are the other side: opened once, in the host's view, links followed, and held as an fd: mounts.c.) */
#pragma once

#include <sys/types.h>

#include "base/err.h"

struct new_root {
	int fd;     /* the root tmpfs; -1 before it is made */
	int parent; /* the folder last resolved; -1: none */
	char *path; /* its path */
};

#define NEW_ROOT_NONE                                                                                                  \
	{                                                                                                              \
		.fd = -1, .parent = -1                                                                                 \
	}

/* O_PATH fd of an existing path that is no link; borrowed by nobody: the caller closes it. Negative errno with a text.
 */
int root_open(struct new_root *root, const char *path, struct err *e) __attribute__((nonnull));
/* The fd of the folder that holds `path`, borrowed until the next call, and the last name of the path. */
int root_parent(struct new_root *root, const char *path, const char **ret_name, struct err *e) __attribute__((nonnull));
/* Something was mounted on `path`: forgets what was resolved below it. */
void root_mounted(struct new_root *root, const char *path) __attribute__((nonnull));
void root_done(struct new_root *root);
