/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live: which sandboxes of the caller run, and who has them.
 *
 *   sbx, the monitor --claims a name--> FOLDER/NAME.lock   locked (flock) as long as it lives
 *                    --tells, when the command runs--> FOLDER/NAME.json   what sbxctl list and inspect show
 *                                                      FOLDER/NAME.plan   how it was made, for sbx --join
 *   sbxctl grant ...           --tells-->            FOLDER/NAME.changes   what has changed since: changes.h
 *   sbxctl list ...  --reads; who can have a lock has found a dead one, and removes what it has left
 *
 * The folder is $XDG_RUNTIME_DIR/sbx, of root /run/sbx, the caller's own with mode 0700; no sandbox sees it. Nothing in
 * it is ever taken from inside of a sandbox. Whoever is killed leaves its files, which the next reader removes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

/* The name under which this process is known. */
struct live {
	int folder, lock;
	char *name; /* owned; as a file name: what is no letter, digit, '.', '_' or '-' is '_' */
};
#define LIVE_NONE                                                                                                      \
	{                                                                                                              \
		.folder = -1, .lock = -1                                                                               \
	}

/* EBUSY: a sandbox of that name runs. */
int live_claim(const char *folder, const char *name, struct live *ret, struct err *e) __attribute__((nonnull));
/* What others read from now on. */
int live_tell(const struct live *live, const struct json *record, const struct str *plan, struct err *e)
	__attribute__((nonnull));
/* The name is free again, and what was told is gone. */
void live_let_go(struct live *live) __attribute__((nonnull));

/* --- readers --- */
struct live_entry {
	char *name;                         /* owned */
	struct json *record;                /* owned */
	pid_t monitor, init;                /* 0: it has ended, see ended_read */
	uint64_t monitor_start, init_start; /* field 22 of /proc/PID/stat */
};
struct live_list {
	struct live_entry *v; /* by name */
	size_t count, cap;
};
/* All that run and have told; what the dead have left is removed. */
int live_read(const char *folder, struct live_list *ret, struct err *e) __attribute__((nonnull));
void live_list_done(struct live_list *list) __attribute__((nonnull));
void live_entry_done(struct live_entry *entry) __attribute__((nonnull));
/* The one of that name, or the only one whose name begins so; if many do, the only one of them that runs. ENOENT,
 * EINVAL: more than one. */
int live_find(const struct live_list *list, const char *name, const struct live_entry **ret, struct err *e)
	__attribute__((nonnull));
/* A pidfd of init. It is init's own if the sandbox is still the same when this returns: ESRCH if not. */
int live_open_init(const char *folder, const struct live_entry *entry, struct err *e) __attribute__((nonnull));
/* One of the monitor, in the same way. */
int live_open_monitor(const char *folder, const struct live_entry *entry, struct err *e) __attribute__((nonnull));
/* Its plan, as it was told. */
int live_plan(const char *folder, const struct live_entry *entry, struct str *ret, struct err *e)
	__attribute__((nonnull));
/* Field 22 of /proc/PID/stat; 0: there is no such process. */
uint64_t live_start_time(pid_t pid);

/* --- ended.c: what detached ones leave in RUNS/NAME: log, record.json, report.json --- */
/* The name of a sandbox as that of a file. Owned by the caller. */
char *live_file_name(const char *name) __attribute__((nonnull));
/* Adds those in the folder that are not in the list; the record says how they have ended: "ended", the time, null where
 * they had no time to tell; "verdict"; "status", as a shell has it. */
int ended_read(const char *runs, struct live_list *list, struct err *e) __attribute__((nonnull));
/* How the last one of that name has ended; -1: it has not told. */
int ended_status(const char *runs, const char *name) __attribute__((nonnull));
