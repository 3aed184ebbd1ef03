/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rules: what isolate's --dir shows of the host, in the order said; the same folder said again takes its place. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum rule_kind {
	RULE_BIND,  /* `out` of the host */
	RULE_BOX,   /* `out` below the folder N of the box, of which programs see N/box */
	RULE_DEV,   /* a /dev of the sandbox's own */
	RULE_PROC,  /* a /proc of its own */
	RULE_TMPFS, /* an empty folder in memory */
	RULE_NONE,  /* taken away */
};

struct dir_rule {
	char *in;  /* owned; "/tmp" */
	char *out; /* owned; RULE_BIND: absolute; RULE_BOX: "" or "/NAME" */
	enum rule_kind kind;
	bool writable, no_exec, maybe, is_default;
};

struct rules {
	struct dir_rule *v;
	size_t count, cap;
};

/* Lays the rules that isolate has by itself. */
void rules_default(struct rules *rules) __attribute__((nonnull));
/* IN=OUT[:OPTIONS], DIR[:OPTIONS] or IN=. */
int rules_add(struct rules *rules, const char *text, struct err *e) __attribute__((nonnull));
/* -D: takes those of isolate's own away that nobody has replaced. */
void rules_forget_default(struct rules *rules) __attribute__((nonnull));
/* The rule at or above an absolute path of the box, and in `ret_rest` what of the path is below it, without slashes
 * around; NULL: none. */
const struct dir_rule *rules_find(const struct rules *rules, const char *path, const char **ret_rest)
	__attribute__((nonnull));
void rules_done(struct rules *rules);
