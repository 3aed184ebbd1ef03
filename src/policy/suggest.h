/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* suggest: the nearest known name for a typing error. */
#pragma once

#include <stddef.h>

/* The name at the smallest edit distance (with transpositions), if that is at most a third of its length; else NULL. */
const char *suggest(const char *typed, const char *const *names, size_t count) __attribute__((nonnull));
