/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* authority: a file of Xauthority(5), in which a display has its cookie; strangers may have written it. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

enum { COOKIE_SIZE = 16 };

/* Adds the record of a local display, on a host of whatever name. */
void authority_add(int display, const void *cookie, struct str *out) __attribute__((nonnull));
/* The first cookie of a local display; false: there is none. */
bool authority_find(const void *bytes, size_t size, int display, unsigned char ret[COOKIE_SIZE])
	__attribute__((nonnull));
