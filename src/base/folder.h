/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder: folders that are made, where something that is not trusted may have written before. */
#pragma once

#include <sys/types.h>

#include "base/err.h"

/* Every missing folder of an absolute path is made, and given to `owner` ("UID:GID"; empty: to nobody else). No name on
 * the way may be a link: one that the payload of an earlier run has put there would lead the maker out of what that
 * payload may write. Returns an fd of the folder, opened by O_PATH. */
int folder_make(const char *path, mode_t mode, const char *owner, struct err *e) __attribute__((nonnull));
/* The same for a folder of the caller's own, with mode 0700, opened to be read. EPERM: it is another user's, or its
 * mode has one of the bits `never`: 022, others can write there; 077, or look into it. */
int folder_own(const char *path, mode_t never, struct err *e) __attribute__((nonnull));
/* Removes the folder of that name with the files in it; one that has folders in it stays, and so does what stands in
 * the way of its name and is none. */
void folder_remove(int above, const char *name) __attribute__((nonnull));
