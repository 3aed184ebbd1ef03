/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: makes files, folders and links below a folder that was empty. Links in the way to a name lead no further than
 * the tree; the last name is never followed, and what has it is replaced, unless it is a folder with something in it.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"

struct tree_folder;

struct tree {
	int root;                    /* borrowed */
	uint64_t depth, missing_max; /* of folders; of missing ones that are made */
	uint64_t missing;
	struct tree_folder *folder; /* each that is in the tree; the first is the tree itself */
	size_t count, cap;
	size_t *slot; /* a hash table over their inode numbers, of indices + 1 */
	size_t slots;
	char *last; /* the folder that was looked up last, by its path; NULL: none */
	int last_fd;
};

struct tree_attributes {
	mode_t mode; /* what is to be set, to the bit */
	struct timespec mtime;
};

/* `root` must be empty, and stays open. */
int tree_open(int root, uint64_t depth, uint64_t missing_max, struct tree *ret, struct err *e) __attribute__((nonnull));
void tree_done(struct tree *tree);
#define autotree __attribute__((cleanup(tree_done)))

/* Paths are those of names_normal. */
int tree_make_folder(struct tree *tree, const char *path, const struct tree_attributes *attributes, struct err *e)
	__attribute__((nonnull));
/* An empty file, to be written; then tree_end_file. Returns an fd. */
int tree_make_file(struct tree *tree, const char *path, struct err *e) __attribute__((nonnull));
int tree_end_file(int fd, uint64_t size, const struct tree_attributes *attributes, struct err *e)
	__attribute__((nonnull));
int tree_make_symlink(struct tree *tree, const char *path, const char *text, const struct timespec *mtime,
		      struct err *e) __attribute__((nonnull));
/* One more name of a regular file of the tree. */
int tree_make_hardlink(struct tree *tree, const char *path, const char *target, struct err *e) __attribute__((nonnull));
/* Nothing is made any more: sets the times of folders. */
int tree_finish(struct tree *tree, struct err *e) __attribute__((nonnull));
