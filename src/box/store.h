/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: a box on the disk: a folder of the caller's, into which no payload ever sees.
 *
 *   NAME/box.ini     what `sbxctl box create` was told; a section [box] like that of a profile
 *   NAME/files       what is in the box
 *   NAME/files.new   while a run ends: what will be in it; then for a moment what was
 *
 * Who uses it locks the folder. The content changes as a whole, by one rename: sbx may be killed at any moment. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { STORE_NAME_MAX = 64 };

struct store {
	int folder; /* with the lock */
	int files;
};

#define STORE_NONE                                                                                                     \
	{                                                                                                              \
		.folder = -1, .files = -1                                                                              \
	}

/* Letters, digits, '.', '_', '-'; no '.' or '-' at the start. */
bool store_is_name(const char *name) __attribute__((nonnull));
/* The names of all that are in the folder (NULL, or missing: none), sorted. */
int store_names(const char *folder, struct strv *ret, struct err *e) __attribute__((nonnull(2, 3)));
/* Opens and locks a box. `path` has no link in it. EBUSY: another has it; ENOENT: there is none. */
int store_open(const char *path, struct store *ret, struct err *e) __attribute__((nonnull));
/* Makes an empty folder for a new content, in place of what a run that was killed has left. Returns its fd, owned. */
int store_begin(const struct store *store, struct err *e) __attribute__((nonnull));
/* That becomes the content, and the old one is removed. */
int store_commit(const struct store *store, struct err *e) __attribute__((nonnull));
/* Removes a new content that did not become it. */
int store_clean(const struct store *store, struct err *e) __attribute__((nonnull));
void store_close(struct store *store);
