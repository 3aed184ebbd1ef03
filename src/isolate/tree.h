/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: walks what a hostile program has left in a folder. It may be of any depth, of any modes and of any names; one
 * folder is open at a time, nothing recurses, no path is ever made, and no link is followed. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct tree_task {
	bool give; /* all to uid and gid */
	uid_t uid;
	gid_t gid;
	uid_t of[2];       /* a file that has other names too is given away only if it is one of theirs */
	bool drop_special; /* what is neither a file nor a folder is removed */
	bool remove;       /* all is removed, but the folder itself */
};

/* The folder `name` of `above`, and all below it. Nobody else may change it meanwhile. */
int tree_do(int above, const char *name, const struct tree_task *task, struct err *e) __attribute__((nonnull));
