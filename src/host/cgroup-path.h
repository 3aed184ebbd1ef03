/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-path: from the texts of /proc/PID/cgroup and /proc/PID/mountinfo to a folder; pure. */
#pragma once

#include <stdbool.h>

/* The folder of the process's own group in the v1 hierarchy with `controller`, or in the v2 one if that is NULL. NULL
 * if there is none or it lies outside what is mounted. `ret_mount` (may be NULL) gets the mount point. Both are owned
 * by the caller. */
char *cgroup_folder(const char *cgroups, const char *mounts, const char *controller, char **ret_mount)
	__attribute__((nonnull(1, 2)));
/* True if `word` is one of the words of `list`, which any byte of `separators` parts. */
bool cgroup_word(const char *list, const char *separators, const char *word) __attribute__((nonnull));
