/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* words: what isolate's options say becomes the words that sbx would have been started with, so that they mean the
 * same. Pure. */
#pragma once

#include "isolate/options.h"

/* What the options alone do not tell. */
struct words_context {
	const char *box;    /* the folder N of the box on the host */
	char **environment; /* of the caller */
	uint64_t nofile;    /* its hard limit of open files; 0: not known */
	const int *kept;    /* fds that are passed on */
	size_t kept_count;
	bool writes_file; /* an output goes to a regular file: what limits files limits it */
};

/* argv for argv_parse; owned by the caller, also on failure. */
int words_make(const struct options *options, const struct words_context *context, struct strv *ret, struct err *e)
	__attribute__((nonnull));
/* A path of --chdir, --stdin and the like as an absolute one of the box. Owned by the caller. */
char *words_in_box(const char *folder, const char *path) __attribute__((nonnull));
