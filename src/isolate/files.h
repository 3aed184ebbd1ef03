/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files: the files that sbx-isolate opens itself, with the rights of those who named them. */
#pragma once

#include <signal.h>

#include "isolate/box.h"
#include "isolate/options.h"

struct files_context {
	const struct isolate_box *box;
	struct id payload;
	const sigset_t *signals; /* blocked; one of them ends the wait for the other end of a FIFO */
};

/* What became of the wait for a FIFO, where no time or patience was left. */
struct files_result {
	bool writes_file; /* an output goes to a regular file */
	int interrupted;  /* a signal */
	bool too_late;    /* the wall time is over */
};

/* --stdin, --stdout and --stderr become fds 0 to 2. Opened beneath the folder of the rule that shows them, by no link,
 * as the program could open them. */
int files_streams(const struct options *options, const struct files_context *context, struct files_result *ret,
		  struct err *e) __attribute__((nonnull));
/* The meta file, as its owner. Where the path is below `folder`, the box's, no link is followed in it. An fd. */
int files_meta(const char *path, const struct id *owner, const char *folder, struct err *e)
	__attribute__((nonnull(1, 2, 4)));
/* Whether fd 1 or 2 is a regular file. */
bool files_written(void);
