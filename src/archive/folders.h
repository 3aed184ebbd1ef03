/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folders: what is known of each folder of a tree (tree.h): where it is, how deep, and the time that it is to have once
 * nothing is made in it any more. By inode numbers, since links lead to the same folder by many paths. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "archive/tree.h"

struct tree_folder {
	ino_t ino;
	size_t above; /* index of the folder that it is in */
	uint64_t depth;
	size_t length; /* of its path */
	char *name;    /* owned; NULL for the tree itself */
	struct timespec mtime;
	bool set;  /* mtime is; that of the tree itself is left alone if the archive does not have it */
	bool gone; /* and another one may get its number */
};

void folders_begin(struct tree *tree, const struct stat *root) __attribute__((nonnull));
/* The time that it is to have. False: it is none of ours. */
bool folders_set(struct tree *tree, const struct stat *st, const struct timespec *mtime) __attribute__((nonnull));
/* 0, -ENAMETOOLONG: its path is too long to be opened again, -ELOOP: too deep, -ESTALE: `above` is none of ours. */
int folders_add(struct tree *tree, const struct stat *above, const char *name, const struct stat *st)
	__attribute__((nonnull));
void folders_remove(struct tree *tree, const struct stat *st) __attribute__((nonnull));
int folders_set_times(struct tree *tree, struct err *e) __attribute__((nonnull));
void folders_done(struct tree *tree) __attribute__((nonnull));
