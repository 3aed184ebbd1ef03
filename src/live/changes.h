/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* changes: what was changed in a sandbox since it runs: FOLDER/NAME.changes, of sbxctl grant, revoke and limit. It goes
 * away with the record. One that is left of an earlier sandbox of the same name counts for nothing. */
#pragma once

#include "live/live.h"

struct live_grant {
	char *path, *at;        /* owned; on the host, and in the sandbox */
	uint64_t mount;         /* its id */
	uint64_t device, inode; /* of what was granted */
	bool write, folder;
};

struct live_limit {
	char *key, *value; /* owned */
};

struct live_changes {
	struct live_grant *grant;
	size_t grants, grant_cap;
	struct live_limit *limit;
	size_t limits, limit_cap;
	int lock; /* the folder, locked against others who change; -1: it was only read */
};
#define LIVE_CHANGES_NONE                                                                                              \
	{                                                                                                              \
		.lock = -1                                                                                             \
	}

int live_changes_read(const char *folder, const struct live_entry *entry, struct live_changes *ret, struct err *e)
	__attribute__((nonnull));
/* The same for who will write them: nobody else does until live_changes_done. */
int live_changes_begin(const char *folder, const struct live_entry *entry, struct live_changes *ret, struct err *e)
	__attribute__((nonnull));
int live_changes_write(const struct live_changes *changes, const struct live_entry *entry, struct err *e)
	__attribute__((nonnull));
/* The texts are copied. */
struct live_grant *live_changes_add(struct live_changes *changes, const char *path, const char *at)
	__attribute__((nonnull));
void live_changes_remove(struct live_changes *changes, size_t grant) __attribute__((nonnull));
void live_changes_limit(struct live_changes *changes, const char *key, const char *value) __attribute__((nonnull));
/* As arrays "grants" and "limits" of an object. */
void live_changes_json(const struct live_changes *changes, struct json *object) __attribute__((nonnull));
/* If the sandbox has ended meanwhile, by its pidfd, what was written of it is removed: its monitor may have been there
 * already. */
void live_changes_check(const struct live_changes *changes, const struct live_entry *entry, int init)
	__attribute__((nonnull));
void live_changes_done(struct live_changes *changes) __attribute__((nonnull));
