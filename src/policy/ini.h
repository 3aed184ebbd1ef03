/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ini: one profile file into section, key, value and line; strict where inih is lenient. The only user of inih. */
#pragma once

#include <stdio.h>

#include "policy/policy.h"

/* Called for each `key = value` of a known section. Never called after a defect of the file itself (a line too long, a
 * NUL byte ...). */
typedef void ini_pair(void *arg, const char *section, const char *key, const char *value, unsigned line);

/* Reads `size` bytes at `text`. Every defect is added to `errors` as "FILE:LINE: ...". */
void ini_read(const char *text, size_t size, const char *file, ini_pair *handler, void *arg, struct errlist *errors)
	__attribute__((nonnull(1, 3, 4, 6)));
