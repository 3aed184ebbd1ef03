/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile: finds profile files by name, reads them with their includes and drop-ins, and lays them in order. */
#pragma once

#include "policy/policy.h"

enum { PROFILE_MAX_BYTES = 64 * 1024, PROFILE_MAX_LINE = 4096, PROFILE_MAX_DEPTH = 8 };

/* The three folders, first match wins: the user's, the administrator's, the installed one. An entry may be NULL. */
struct profile_folders {
	const char *folder[3]; /* borrowed; absolute */
};

/* Lays profile `name` (a path if it has a '/'), its includes before it and its NAME.d drop-ins after it.
 * All errors of all files are collected; returns 0 only if there was none. */
int profile_lay(struct policy *p, const char *name, const struct profile_folders *folders, const struct variables *vars,
		struct errlist *errors) __attribute__((nonnull));

/* The name of the profile whose `command` lists the base name of `command`, else "default". Owned by the caller. User
 * profiles win over the administrator's and those over installed ones. A profile that can't be read is an error. */
int profile_for_command(const char *command, const struct profile_folders *folders, char **ret_name, struct err *e)
	__attribute__((nonnull));

/* All names in all folders, sorted, each once. */
int profile_names(const struct profile_folders *folders, struct strv *ret, struct err *e) __attribute__((nonnull));
/* The path of the file that `name` stands for. Owned by the caller. ENOENT with the nearest name as a hint. */
int profile_find(const char *name, const struct profile_folders *folders, char **ret_path, struct err *e)
	__attribute__((nonnull));
