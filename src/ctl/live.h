/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live: what the words of sbxctl for sandboxes share: a name, its beginning where no other begins so, or --all. */
#pragma once

#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "live/live.h"

struct live_words;
/* What a word does with one sandbox. 0; 1: this one is not meant; or a negative errno. */
typedef int live_act(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words,
		     struct err *e);
struct live_words {
	struct strv names;
	bool json, all, follow;
	int signal;       /* kill: 0: not said */
	int64_t grace_ns; /* stop */
	live_act *act;
	struct json *row; /* for `act`: what the JSON says of this sandbox; it has the name */
	struct str *text; /* for `act`: what people read */
};
/* Takes options and names apart. False: wrong use, which was said. */
bool live_words_read(int argc, char **argv, struct live_words *ret) __attribute__((nonnull));
/* The same for words that need a name, or --all. */
bool live_words_some(int argc, char **argv, live_act *act, struct live_words *ret) __attribute__((nonnull));
void live_words_done(struct live_words *words) __attribute__((nonnull));
/* Those that run. */
int live_all(const struct ctl *ctl, struct live_list *ret, struct err *e) __attribute__((nonnull));
/* And the detached ones that have ended, whose monitor is 0. */
int live_known(const struct ctl *ctl, struct live_list *ret, struct err *e) __attribute__((nonnull));
/* Only those that are named stay; no names: all. */
int live_pick(struct live_list *list, const struct strv *names, struct err *e) __attribute__((nonnull));
/* Does what is to be done with each that is named, or with all, and adds the rows; 0 or 1. */
int live_do(const struct ctl *ctl, const struct live_list *list, struct live_words *words, struct rows *rows)
	__attribute__((nonnull));
/* A whole word: of those that run, each that is named, or all; the exit status. */
int live_each(struct ctl *ctl, int argc, char **argv, live_act *act) __attribute__((nonnull));
/* Waits until a process has ended, at most so long (-1: for ever). 1: it has, 0: it has not. */
int live_wait(int pidfd, int64_t most_ns, struct err *e) __attribute__((nonnull));

/* live-processes.c: what runs in a sandbox, by one look at all processes. */
struct live_process {
	pid_t pid;
	uint64_t start; /* by which it is known that the pid is not another's meanwhile */
	bool stopped;
};
struct live_use {
	uint64_t processes;
	uint64_t memory; /* bytes in memory, of each process by itself: shared pages count more than once */
	int64_t cpu_ns;  /* of those that live */
	struct live_process *process; /* owned; without init */
};
/* One for each entry of the list; what is not known is 0. Owned by the caller, with what is in them. */
struct live_use *live_uses(const struct live_list *list) __attribute__((nonnull));
void live_uses_done(struct live_use *uses, size_t count);
/* Adds it as members. */
void live_use_add(struct json *row, const struct live_use *use) __attribute__((nonnull));
