/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target: the profiles whose programs may be started, as the plan has them in the words of sbx-broker. */
#pragma once

#include "open/asked.h"

struct target {
	const char *profile, *opens, *commands; /* borrowed; the latter two are lists, with a blank between */
};

struct targets {
	const char *socket; /* made by the broker */
	const char *copies; /* the folder for files that are handed on */
	const char *sbx;
	const char *asker; /* for people: who asks */
	bool ask;          /* the caller is asked each time */
	struct target *v;  /* owned */
	size_t count;
};

/* The words after the name of the program. All texts are borrowed. */
int targets_read(char *const *words, struct targets *ret, struct err *e) __attribute__((nonnull));
void targets_done(struct targets *targets);
/* The first that opens what is asked for; NULL. */
const struct target *targets_find(const struct targets *targets, const struct asked *asked) __attribute__((nonnull));
/* The first of its commands that is in a folder of `path`; NULL. Owned by the caller. */
char *target_command(const struct target *target, const char *path) __attribute__((nonnull(1)));
