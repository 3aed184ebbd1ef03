/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* meta: what happened, in isolate's words. Pure. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "run/run.h"

enum { META_OK, META_PROGRAM_FAILED, META_SANDBOX_FAILED }; /* exit statuses, too */

struct ending {
	const struct outcome *outcome;
	bool cg;           /* --cg */
	bool ran;          /* the outcome is whole: the program ran, or could not be executed */
	bool too_late;     /* the wall time was over before the program ran */
	int interrupted;   /* the signal that ended it all; 0: none */
	const char *error; /* of the sandbox itself; NULL: none */
};

/* The lines of the meta file. */
void meta_lines(const struct ending *ending, struct str *out) __attribute__((nonnull));
/* The line for standard error, without a line end. */
void meta_status_line(const struct ending *ending, struct str *out) __attribute__((nonnull));
/* META_OK and so on. */
int meta_exit_status(const struct ending *ending) __attribute__((nonnull));
