/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* err: what went wrong, as a value that explains itself; small enough for one write to a pipe. */
#pragma once

#include <stddef.h>

enum { ERR_TEXT = 640, ERR_HINT = 320 };

/* `code` is a positive errno; 0 means no error. Texts are lower case, without a final stop, user strings in ''. */
struct err {
	int code;
	char text[ERR_TEXT]; /* what was tried, on what, why */
	char hint[ERR_HINT]; /* what the user can do; empty if there is nothing to do */
};

/* Sets code and text, forgets the hint. Always returns -code, so that `return err_set(...)` explains and fails at once.
 */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* As err_set, and appends ": " and the text of errno `code`. */
int err_errno(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* Puts "PREFIX: " before the text. Returns -e->code. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Sets the hint. Returns -e->code. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Forgets the error. */
void err_clear(struct err *e) __attribute__((nonnull));
