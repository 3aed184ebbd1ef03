/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* options: the command line of isolate 2.x, and what of 1.x graders still say. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "isolate/rules.h"

enum isolate_mode {
	ISOLATE_NONE,
	ISOLATE_INIT,
	ISOLATE_RUN,
	ISOLATE_CLEANUP,
	ISOLATE_CHECK_CONFIG,
	ISOLATE_CG_ROOT,
	ISOLATE_VERSION,
	ISOLATE_HELP,
};

/* All texts are borrowed from argv. Of numbers 0 is: no limit. */
struct options {
	enum isolate_mode mode;
	uint64_t box;
	const char *meta;      /* NULL: none; "-": standard output */
	const char *stream[3]; /* in the box; NULL: the caller's own */
	const char *chdir;     /* in the box */
	bool stderr_to_stdout, silent, wait, cg, share_net, inherit_fds, tty_hack, special_files;
	bool no_default_dirs, full_env;
	uint64_t time_ms, wall_ms, extra_ms;
	uint64_t memory_kb, cg_memory_kb, stack_kb, file_kb, core_kb;
	uint64_t processes, open_files;
	bool open_files_said;
	uint64_t as_uid, as_gid;
	bool as_uid_said, as_gid_said;
	struct strv env; /* VAR, VAR=VALUE or VAR=, in order */
	struct rules rules;
	char **command; /* NULL-terminated; borrowed */
	int count;
};

/* Fills what can be read, and then fails with the first that is wrong: the meta file has to say so. Whatever would
 * limit and can't is an error. argv is put in order. */
int options_parse(int argc, char **argv, struct options *ret, struct err *e) __attribute__((nonnull));
void options_done(struct options *options);
/* What of isolate's options there is, on one screen. */
void options_help(struct str *out) __attribute__((nonnull));
