/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* isolated: the choice of an id that nobody else has; the files are named here for tests. */
#pragma once

#include "host/host.h"

enum { ISOLATED_MANY = 65535 }; /* with that of the caller, as many as have 16 bits */

struct isolated_files {
	const char *subuid, *subgid, *passwd, *group;
	const char *lock; /* each id in use is a locked byte of it; it and the folders above it are made if missing */
};

/* The range that `path` (subuid(5)) gives to the first of `owners` that has one there; `owners` are NULL-terminated. A
 * range that another owner has too is an error, for an id of it would be that one's as well. */
int isolated_range(const char *path, const char *const *owners, struct id_range *ret, struct err *e)
	__attribute__((nonnull));
/* Fills host->isolated: with an id that is locked, or with why there is none. */
void isolated_choose(struct host *host, const struct isolated_files *files) __attribute__((nonnull));
/* The same with as many ids of both ranges as there are, at most ISOLATED_MANY, from the first. */
void isolated_take_all(struct host *host, const struct isolated_files *files) __attribute__((nonnull));
