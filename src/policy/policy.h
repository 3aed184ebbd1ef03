/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policy: what is wanted, as texts and numbers that remember which line asked; nothing is known of the kernel here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum setting_id {
#define S(section, key, id, type, many, dflt, choices, shorthand, later, help) SET_##id,
#include "policy/settings.def"
#undef S
	SETTING_COUNT
};

enum setting_type {
	TYPE_TEXT,    /* any text without control bytes */
	TYPE_ENUM,    /* one of the choices; number: index among them */
	TYPE_BOOL,    /* yes or no; number: 1 or 0 */
	TYPE_PATH,    /* one path a line, absolute after expansion (see TYPE_RULE for '-' and '!') */
	TYPE_RULE,    /* SOURCE[:TARGET]; `\:` is a colon within a path */
	TYPE_WORDS,   /* names separated by blanks; each becomes one value */
	TYPE_SIZE,    /* number: bytes */
	TYPE_TIME,    /* number: nanoseconds */
	TYPE_COUNT,   /* number */
	TYPE_OCTAL,   /* number, written in octal, at most 0777 */
	TYPE_PERCENT, /* number: 1 to 100000, an optional '%' after it */
	TYPE_CPUS,    /* a list of processors as the kernel writes it, "0-1,3" */
};

struct setting {
	const char *section, *key;
	enum setting_type type;
	bool many;
	const char *dflt;      /* NULL: unset */
	const char *choices;   /* NULL: none */
	const char *shorthand; /* NULL: none */
	const char *later;     /* see settings.def */
	const char *help;
};

extern const struct setting settings[SETTING_COUNT];

/* The row of SECTION.KEY; SETTING_COUNT if there is none. */
enum setting_id setting_find(const char *section, const char *key) __attribute__((nonnull));
/* The row with --SHORTHAND; SETTING_COUNT if there is none. */
enum setting_id setting_shorthand(const char *name) __attribute__((nonnull));
bool setting_section_exists(const char *section) __attribute__((nonnull));

/* Where a value came from. `file` NULL: the default of the table. line 0: the command line, `file` is the option. */
struct origin {
	const char *file; /* borrowed from the policy's pool */
	unsigned line;
};

struct value {
	char *text;     /* owned; RULE: the source, expanded */
	char *target;   /* owned; RULE: the target, expanded; NULL otherwise */
	int64_t number; /* see enum setting_type */
	bool optional;  /* PATH, RULE: written with a leading '-' */
	bool is_cwd;    /* the same: just ${CWD}, wherever that is */
	unsigned layer; /* later layers have larger numbers; 0: default of the table */
	struct origin origin;
};

/* A scalar holds at most one value. `set` tells an empty list that was emptied from one that was never given. */
struct entry {
	struct value *v;
	size_t count, cap;
	bool set;
};

/* A profile that desktop.open names. */
struct opener {
	char *profile; /* owned */
	struct strv opens, commands;
};

struct policy {
	struct entry entry[SETTING_COUNT];
	struct opener *opener; /* policy/opener.c */
	size_t openers;
	struct strv pool;     /* file names that origins borrow */
	struct strv profiles; /* names or paths as given, in the order laid */
	struct strv folders;  /* absolute paths of every profile folder of the caller: never writable inside */
	char *name;     /* name of the first profile: of the private home, the machine id, the default sandbox name */
	unsigned layer; /* of the values being set now */
};

/* What ${...} stands for; filled from host facts by sbx.c. An unset one is NULL: using it is an error. */
struct variables {
	const char *home, *user, *uid, *runtime, *cwd, *config, *cache, *data, *state;
	const char *downloads, *documents, *music, *pictures, *videos, *desktop;
};

/* All errors of a run of the reader, each with its FILE:LINE in the text. */
struct errlist {
	struct err *v;
	size_t count, cap;
};
void errlist_add(struct errlist *list, const struct err *e) __attribute__((nonnull));
void errlist_done(struct errlist *list);

/* THE door: every value of every source comes in here. Checks the type, expands paths, obeys `many`, '!' (take away)
 * and empty values (a list is empty then, anything else is the default of the table). A relative path of the command
 * line counts from the working directory. On failure the text starts with "FILE:LINE: SECTION.KEY: ". */
int policy_set(struct policy *p, enum setting_id id, const char *text, struct origin origin,
	       const struct variables *vars, struct err *e) __attribute__((nonnull));
/* Lays the defaults of the table; to be called first. */
int policy_defaults(struct policy *p, const struct variables *vars, struct err *e) __attribute__((nonnull));
void policy_done(struct policy *p);

/* Reading. A scalar that is not set: NULL, `fallback`, or -1 for an enum. */
const struct value *policy_value(const struct policy *p, enum setting_id id) __attribute__((nonnull));
const char *policy_text(const struct policy *p, enum setting_id id) __attribute__((nonnull));
int64_t policy_number(const struct policy *p, enum setting_id id, int64_t fallback) __attribute__((nonnull));
const char *policy_enum(const struct policy *p, enum setting_id id)
	__attribute__((nonnull)); /* the word; NULL if unset */
bool policy_is(const struct policy *p, enum setting_id id, const char *word) __attribute__((nonnull));
bool policy_has(const struct policy *p, enum setting_id id, const char *item) __attribute__((nonnull));
/* "FILE:LINE", "--set" or "default", into `buf`; returns buf. */
const char *origin_text(struct origin origin, char *buf, size_t size) __attribute__((nonnull));
