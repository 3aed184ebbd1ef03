/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* associations: which entries open which types. GLib forgets what the cache of a folder (mimeinfo.cache) says of an
 * entry that another folder has too, and so what an override lies over would open nothing any more; and what the cache
 * of an earlier folder names comes first. So the user's own cache gets a line for each type of an override: the one
 * that all caches together had. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

#define ASSOCIATIONS "mimeinfo.cache"

/* Is it one that was made here? */
bool associations_are_made(const struct str *cache) __attribute__((nonnull));
/* The cache for the user's folder. `caches`: the user's own, which may be empty, and those of the system, in order;
 * `ids`: entries that have an override. Adds nothing to `ret` where none of them opens anything by the system's. */
void associations_make(const struct str *caches, size_t count, const struct strv *ids, struct str *ret)
	__attribute__((nonnull));
