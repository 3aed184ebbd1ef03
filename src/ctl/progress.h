/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* progress: on a terminal, how far a long work is; a line on standard error, which is gone when it ends. A thread of
 * its own looks ten times a second where the work is, so that the work knows nothing of it. */
#pragma once

#include <stdbool.h>

struct progress;

/* NULL, which all of these take: nobody wants it, or there is no terminal. */
struct progress *progress_begin(bool wanted);
/* `arg` is a progress. The file at `fd` is read, from its beginning to its end, until the next call. -1: no more. */
void progress_file(void *arg, const char *what, int fd);
/* A folder, and folders in it, get more and more. `path` is borrowed until the next call. */
void progress_folder(struct progress *progress, const char *what, const char *path);
/* Before anything else is written. */
void progress_end(struct progress *progress);
