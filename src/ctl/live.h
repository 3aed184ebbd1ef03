/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live: what the words of sbxctl for sandboxes that run share. */
#pragma once

#include "ctl/ctl.h"
#include "live/live.h"

struct live_words {
	struct strv names;
	bool json, all, follow;
	int signal;       /* kill: 0: not said */
	int64_t grace_ns; /* stop */
};
/* Takes options and names apart. False: wrong use, which was said. */
bool live_words_read(int argc, char **argv, struct live_words *ret) __attribute__((nonnull));
void live_words_done(struct live_words *words) __attribute__((nonnull));
int live_all(const struct ctl *ctl, struct live_list *ret, struct err *e) __attribute__((nonnull));
/* Does `act` with each that is named, or with all; the exit status. */
int live_each(struct ctl *ctl, int argc, char **argv,
	      int (*act)(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words,
			 struct err *e)) __attribute__((nonnull));
/* Waits until a process has ended, at most so long (-1: for ever). 1: it has, 0: it has not. */
int live_wait(int pidfd, int64_t most_ns, struct err *e) __attribute__((nonnull));
/* The time since CLOCK_REALTIME `since`, as people say it: "3 min". */
void live_age(int64_t since, char *ret, size_t size) __attribute__((nonnull));

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
