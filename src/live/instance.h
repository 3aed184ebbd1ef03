/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* instance: one sandbox at a time under a key, and those who come second.
 *
 *   FOLDER/KEY.start   locked by who looks whether it is the first, until its command runs: others wait for that
 *   FOLDER/KEY.one     locked by the first as long as its monitor lives; its last byte says what has become of it
 *
 * All waiting is for a lock, of which the kernel tells. Who is killed lets go of both. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct live_instance {
	int folder, start, one; /* start: locked, or -1; one: locked if `first` */
	bool first;
	char *key;   /* owned */
	char before; /* what the one that was waited for had said last; 0: nothing */
};
#define LIVE_INSTANCE_NONE                                                                                             \
	{                                                                                                              \
		.folder = -1, .start = -1, .one = -1                                                                   \
	}

enum {
	INSTANCE_RUNS = 'r',
	INSTANCE_UNKNOWN = 'u', /* it runs, but no record of it could be written */
	INSTANCE_ENDED = 'e',   /* its command has ended by itself */
};

/* `key` is a file name. 1: the caller is the first, and all others wait until live_instance_say; 0: another runs. */
int live_instance_begin(const char *folder, const char *key, struct live_instance *ret, struct err *e)
	__attribute__((nonnull));
/* After 0: waits for the end of that other, and begins anew. */
int live_instance_follow(struct live_instance *instance, struct err *e) __attribute__((nonnull));
/* After 0: what that other has said last; and how many nanoseconds ago, 0 where that can't be told. */
char live_instance_said(const struct live_instance *instance) __attribute__((nonnull));
int64_t live_instance_age(const struct live_instance *instance) __attribute__((nonnull));
/* Of the first. */
void live_instance_say(struct live_instance *instance, char what) __attribute__((nonnull));
void live_instance_done(struct live_instance *instance) __attribute__((nonnull));
