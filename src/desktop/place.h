/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place: the files of a folder by their names below it, and how one is laid over another and taken away again. At every
 * moment, also if the machine stops, the file is either the old or the new one as a whole; what was the user's own is
 * kept beside as NAME.sbx-orig, the same inode, and so comes back to the byte. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

#define PLACE_KEPT ".sbx-orig"

/* Adds the names of files below the folder, also in folders of it ("kde/x.desktop"), that have the ending, sorted; none
 * where it can't be read. */
void place_names(const char *folder, const char *ending, struct strv *ret) __attribute__((nonnull));
/* The text of a regular file; links are followed. -ENOENT, without an error: there is none. */
int place_read(const char *folder, const char *name, struct str *ret, struct err *e) __attribute__((nonnull));
/* Is there a kept one, that is not the same file as the name itself? */
bool place_has_kept(const char *folder, const char *name) __attribute__((nonnull));
/* Writes it; folders that are missing are made. `keep`: what is there is the user's own. EEXIST: another one is kept.
 */
int place_put(const char *folder, const char *name, const struct str *text, mode_t mode, bool keep, struct err *e)
	__attribute__((nonnull(1, 2, 3, 6)));
/* What is kept beside the name is not needed any more, if there is any. */
void place_forget_kept(const char *folder, const char *name) __attribute__((nonnull));
/* Puts back what is kept, or removes what is there. */
int place_restore(const char *folder, const char *name, struct err *e) __attribute__((nonnull));
