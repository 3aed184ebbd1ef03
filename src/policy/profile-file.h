/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile-file: profiles as files: their names, their folders, and the careful reading of one. */
#pragma once

#include "policy/profile.h"

enum { FOLDER_USER, FOLDER_ADMINISTRATOR, FOLDER_INSTALLED, FOLDER_COUNT };

/* A NAME is a part of paths and of messages: no '/', no control bytes, no '.' or '-' at its start. */
int profile_check_name(const char *name, struct err *e) __attribute__((nonnull));
/* The file of NAME in the first folder from `first` on that has one. ENOENT with the nearest name as a hint. */
int profile_locate(const char *name, const struct profile_folders *folders, int first, char **ret_path, int *ret_folder,
		   struct err *e) __attribute__((nonnull));
/* The paths of NAME.d's files in one folder, sorted; none where the folder is missing. */
int profile_drop_ins(const char *name, const char *folder, struct strv *ret, struct err *e)
	__attribute__((nonnull(1, 3, 4)));
/* The names in one folder, not sorted; none where the folder is missing. */
int profile_list(const char *folder, struct strv *ret, struct err *e) __attribute__((nonnull(2, 3)));
/* The whole text of a regular file of at most PROFILE_MAX_BYTES. Anything else is neither waited for nor read. */
int profile_read(const char *path, struct str *ret_text, struct err *e) __attribute__((nonnull));
/* The same, and in `overlaid` each NAME for which there is something called NAME.d. */
int profile_scan(const char *folder, struct strv *ret, struct strv *overlaid, struct err *e)
	__attribute__((nonnull(2, 3, 4)));
