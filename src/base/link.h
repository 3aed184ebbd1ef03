/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* link: what a link (a URI) is made of, as a text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LINK_MAX = 8192, LINK_SCHEME_MAX = 32 };

/* The length of the scheme at its beginning, without the ':'; 0: there is none. */
size_t link_scheme(const char *text) __attribute__((nonnull));
/* Has it a scheme, and no byte that a link must write as %XX? So no blank, quote, control byte or letter with an
 * accent.
 */
bool link_is_clean(const char *text) __attribute__((nonnull));
/* A word of profile.opens: a scheme in small letters that leads to no file and no code of its own, or the end of a name
 * of files, from its '.' on. */
bool link_is_kind(const char *word) __attribute__((nonnull));
