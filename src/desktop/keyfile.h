/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keyfile: the lines of .desktop files, D-Bus services and units, one after the other as they stand. Nothing is
 * refused: it takes a line for a group or a key wherever one of the readers of such files would. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* What is borrowed of a text. */
struct span {
	const char *s;
	size_t len;
};
bool span_is(struct span span, const char *text) __attribute__((nonnull));
bool span_starts(struct span span, const char *prefix) __attribute__((nonnull));

struct keyfile {
	const char *next, *end; /* borrowed */
	struct span group;      /* the last one */
};

/* Everything is borrowed of the text. */
struct keyline {
	struct span all;   /* with its line end */
	struct span group; /* that it is in, or that it begins; "" before the first */
	bool header;       /* it begins a group */
	struct span key;   /* with its locale, "Name[de]"; empty: it has none */
	struct span value; /* without the blanks before it and the line end, which may be "\r\n" */
};

void keyfile_begin(struct keyfile *ret, const struct str *text) __attribute__((nonnull));
bool keyfile_next(struct keyfile *file, struct keyline *ret) __attribute__((nonnull));
/* The key itself, or one with a locale, which some readers prefer. */
bool key_is(const struct keyline *line, const char *key) __attribute__((nonnull));
/* The value of the first such key in a group, with its escapes undone; NULL: there is none. Owned by the caller. */
char *keyfile_value(const struct str *text, const char *group, const char *key) __attribute__((nonnull));

/* \s \n \t \r and \\; another backslash is meant as it stands. NULs are left out. Owned by the caller. */
char *keyfile_unescape(struct span value);
/* So that a reader gets `text`. EINVAL: it has a control byte. */
int keyfile_escape(const char *text, struct str *ret, struct err *e) __attribute__((nonnull));
