/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* argv: the command line of sbx, taken apart but not yet laid over the profiles. */
#pragma once

#include "policy/policy.h"

enum request_action { ACTION_RUN, ACTION_EXPLAIN, ACTION_EXPLAIN_JSON, ACTION_BATCH, ACTION_HELP, ACTION_VERSION };

struct request {
	enum request_action action;
	struct strv profiles; /* -p, in order */
	struct {
		enum setting_id id;
		const char *text;   /* borrowed from argv */
		const char *option; /* as typed, for messages: "--ro", "--set"; borrowed or static */
	} * set;
	size_t set_count, set_cap;
	const char *name; /* --name; NULL: command-PID */
	bool unlisted;    /* --name=, empty: none, of which sbxctl does not know */
	const char *join; /* --join: the sandbox in which the command runs; NULL: one of its own */
	bool detach;      /* --detach */
	bool forget;      /* --detach=forget */
	int verbosity;    /* -1 quiet, 0, 1 verbose */
	size_t slots;     /* of a batch; 0: not said */
	struct {
		int *v; /* processors */
		size_t count, cap;
	} slot_cpus;
	int64_t grace_ns;     /* of a batch that is stopped */
	const char *of_batch; /* an option that counts in a batch only; NULL: none was given */
	char **command;       /* argv of the payload; borrowed; NULL-terminated; never empty for ACTION_RUN */
};

/* Parsing stops at the first word that is not an option, or at `--`. Errors name the option and the nearest one. */
int argv_parse(int argc, char **argv, struct request *ret, struct err *e) __attribute__((nonnull));
/* Lays the options over the profiles, in order. */
int argv_lay(const struct request *request, struct policy *p, const struct variables *vars, struct errlist *errors)
	__attribute__((nonnull));
/* One more setting for argv_lay. `text` and `option` are borrowed. */
void request_set(struct request *request, enum setting_id id, const char *text, const char *option)
	__attribute__((nonnull));
void request_done(struct request *request);
/* The text of --help: fits 80 columns and one screen of 50 lines, made from the table. */
void argv_help(struct str *out) __attribute__((nonnull));
