/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clear: the removal of a tree. */
#pragma once

#include "base/err.h"

/* Removes what `name` is in the folder, and all below it; no link is followed, and what is mounted there is an error.
 * Folders that are closed, even to their owner, are opened. That nothing is there is no error. */
int clear_tree(int folder, const char *name, struct err *e) __attribute__((nonnull));
