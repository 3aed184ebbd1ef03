/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* teller: a sandbox that runs is known to sbxctl. */
#pragma once

#include "live/instance.h"
#include "live/live.h"
#include "planned.h"

struct teller {
	struct live live;
	struct live_instance instance; /* of process.instances */
	const struct planned *planned;
	char *const *words; /* of sbx's command line, without its name; borrowed */
	char *name;         /* owned */
	int started;        /* of a detached one: its caller waits for a byte; -1 */
	int64_t since;      /* CLOCK_REALTIME, seconds */
};
#define TELLER_NONE                                                                                                    \
	{                                                                                                              \
		.live = LIVE_NONE, .instance = LIVE_INSTANCE_NONE, .started = -1                                       \
	}

/* The name that was given, or COMMAND-PID. Owned by the caller. */
char *teller_name(const struct request *request) __attribute__((nonnull));
/* Takes the name. Fails only where the caller has asked for it, by --name or --detach, or others will look for it. */
int teller_claim(struct teller *teller, struct err *e) __attribute__((nonnull));
/* For run_watched: the command runs. */
void teller_tell(void *teller, pid_t init) __attribute__((nonnull));
/* It has ended, and nothing of it runs. */
void teller_let_go(struct teller *teller) __attribute__((nonnull));
void teller_done(struct teller *teller) __attribute__((nonnull));

/* detach.c: before the plan is made: where what it says goes, and its report. */
int detach_prepare(struct planned *planned, char **environment, struct err *e) __attribute__((nonnull));
/* What is known of it stays when it has ended. */
int detach_keep(const struct teller *teller, const struct json *record, struct err *e) __attribute__((nonnull));
/* The rest happens in another process. -1: here is that; else the exit status of the caller's. */
int detach(struct teller *teller) __attribute__((nonnull));
