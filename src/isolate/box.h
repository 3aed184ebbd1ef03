/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box: the folders that programs run in, one a number, each with a lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct id {
	uid_t uid;
	gid_t gid;
};

/* STORE/N/box is what the program sees; STORE/locks/N is locked while anything is done with it, and is there as long
 * as the box is. */
struct isolate_box {
	char *folder, *inner; /* owned: N, and N/box */
	char name[16];
	int store, locks, lock;
	bool made; /* by --init */
	bool cg;   /* its mode */
	struct id owner;
};

#define ISOLATE_BOX_NONE                                                                                               \
	{                                                                                                              \
		.store = -1, .locks = -1, .lock = -1                                                                   \
	}

/* Makes the store if it is missing, and takes the lock: EBUSY unless `wait`. */
int isolate_box_open(const char *store, uint64_t number, bool wait, struct isolate_box *ret, struct err *e)
	__attribute__((nonnull));
/* A new, empty box, whatever was there. */
int isolate_box_init(struct isolate_box *box, const struct id *owner, bool cg, struct err *e) __attribute__((nonnull));
/* What is left of a box, also of one that is half made. */
int isolate_box_cleanup(struct isolate_box *box, struct err *e) __attribute__((nonnull));
/* Before and after a run: all of it is this one's, and without `special` there is nothing in it but files and folders.
 */
int isolate_box_give(const struct isolate_box *box, const struct id *to, const struct id *from, bool special,
		     struct err *e) __attribute__((nonnull));
void isolate_box_done(struct isolate_box *box) __attribute__((nonnull));
