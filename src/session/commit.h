/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* commit: changes of an overlay are made on the host, too: in three acts, of which each can be cut off and done again.
 *
 *   check   nothing is changed. Where one thing is not to be done, nothing is
 *   apply   each change becomes the host's, and stays in the upper folder: a file appears whole, by a rename
 *   finish  what was applied goes from the upper folder, each part by one rename
 *
 * No name on the way to anything is ever a link, on either side, and nothing leads out of the two folders. */
#pragma once

#include "session/read.h"

struct commit {
	struct session_overlay *overlay;
	int lower;
	const struct changes *changes;
	const char *const *paths; /* below the folder, ended by NULL: these, and what is in them; NULL: all */
	const char *const *never; /* real paths of the host, ended by NULL, where nothing is ever changed */
	bool force;               /* also what the host has changed since the session began */
	bool newer;               /* set by check: it has, of what is not asked for */
};

/* Is the change among those that are asked for? */
bool commit_takes(const struct commit *commit, const struct change *change) __attribute__((nonnull));
int commit_check(struct commit *commit, struct err *e) __attribute__((nonnull));
int commit_apply(const struct commit *commit, struct err *e) __attribute__((nonnull));
int commit_finish(const struct commit *commit, struct err *e) __attribute__((nonnull));
