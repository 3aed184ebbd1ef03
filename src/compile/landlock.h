/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* landlock: what the Landlock layer and the mode without namespaces share. */
#pragma once

#include "compile/view.h"

/* LANDLOCK_ACCESS_FS_* that the rule for an entry of the view grants; 0: none is made. */
uint64_t landlock_rights(const struct context *c, const struct view_entry *entry) __attribute__((nonnull));
/* Does the entry grant less than the one above it, of what can be granted of a file, if it is one? */
bool landlock_less_open(const struct context *c, const struct view_entry *entry, const struct view_entry *above)
	__attribute__((nonnull));
