/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-run: commands that show what an image needs, and then that it has it. */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* The words of a command, by blanks, quotes and backslashes as of a shell, and nothing else of one: EINVAL where a
 * shell would do more. At least one. */
int test_run_words(const char *command, struct strv *ret, struct err *e) __attribute__((nonnull));
/* Runs it by `sbx` with the host's files, and adds the paths that it opened for reading or executed, but those that are
 * of the kernel, of the sandbox, or below `home` (NULL: none). Fails if the command does. */
int test_run_record(const char *sbx, const char *home, const char *command, struct strv *ret_opened, struct err *e)
	__attribute__((nonnull(1, 3, 4, 5)));
/* Runs it in an image; fails if the command does. */
int test_run_in(const char *sbx, const char *image, const char *command, struct err *e) __attribute__((nonnull));
/* One line of a list of report.opened. NULL: it names nothing that an image could need; else owned by the caller. */
char *test_run_needed(const char *line, const char *home) __attribute__((nonnull(1)));
