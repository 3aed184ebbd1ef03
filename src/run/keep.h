/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keep: files of the host that the command has copies of, each in a folder where it may do what it likes, and how what
 * it saves there comes back.
 *
 *   sbx, the monitor --fork--> the keeper: sees by inotify what is saved, and brings it back at once; when all are
 *                              dead it looks once more. It lives on for that moment, also if sbx is killed
 *
 * What a program saves is complete when another file was renamed to the name, or when nobody has the file open for
 * writing any more, which a lease of the kernel says and keeps so while it is copied. A process that is killed closes
 * its files, too: so what was written in place counts only if the sandbox lives a while after that (SETTLE_NS), or ends
 * by itself. The host's file is another one then, made whole and renamed over the old one: whoever is killed when, it
 * is never a part of something.
 *
 * All in the copy's folder is a stranger's: it is only opened by its name in that folder, only a regular file is taken,
 * with its content and its times, and no more than the plan says. */
#pragma once

#include <limits.h>

#include "base/fd.h"
#include "plan/plan.h"
#include "run/run.h"

struct monitor;

enum { KEEP_SETTLE_NS = 100 * 1000 * 1000 };

/* A copy on its way to the host: without a name, or, where the file system has no such files, with one. */
struct keep_new {
	int fd; /* -1: none */
	char name[NAME_MAX + 1];
	char state[FD_IDENTITY]; /* of what it is a copy of */
};

struct keep_file {
	const struct step *step;
	const char *own, *inside; /* the folder that is locked; path of the copy; borrowed from the plan */
	const char *path, *name;  /* of the host's file, and its last name; likewise */
	const char *owner;        /* of the copy, as UID:GID, "" for the caller; likewise */
	const char *copy;         /* last name of the copy; likewise */
	int above;                /* folder of the host's file; -1: it is not there yet */
	int folder;               /* of the copy */
	int lock;                 /* of the folders of copies; borrowed unless `locks` */
	bool locks, first;        /* nobody else had copies there */
	int watch;                /* of inotify */
	char state[FD_IDENTITY];  /* of the copy when the host's was last the same; "": there was none */
	bool changed;             /* something was saved since */
	bool whole;               /* by a rename, and not touched since */
	struct keep_new coming;   /* until it has settled */
	int64_t settled;          /* CLOCK_MONOTONIC */
	const char *why;          /* why the last try failed; a text that stays; NULL: it did not */
	int code;                 /* and its errno; 0 */
};

struct keep {
	struct keep_file *file; /* owned; NULL: none */
	size_t count;
	int events, channel; /* inotify; to the keeper: a byte says how the sandbox has ended */
	pid_t keeper;
	struct kept *kept; /* memory of both */
};
#define KEEP_NONE                                                                                                      \
	{                                                                                                              \
		.events = -1, .channel = -1                                                                            \
	}

/* Before the sandbox is made: the KEEP steps. */
int keep_open(struct monitor *m, struct err *e) __attribute__((nonnull));
/* When it has begun. */
int keep_watch(struct monitor *m, struct err *e) __attribute__((nonnull));
/* When all are dead; `itself`: the command ended, and nothing ended it. Fills the outcome. */
void keep_end(struct monitor *m, bool itself) __attribute__((nonnull));
void keep_close(struct monitor *m) __attribute__((nonnull));

/* keep-file.c: one file. Each 0 or negative errno, and file->why. */
/* The host's, to where the copy is. */
int keep_copy_in(struct keep_file *file, struct err *e) __attribute__((nonnull));
/* The copy, to file->coming. -EAGAIN: it is being written; -ENODATA: it is as it was. */
int keep_snapshot(struct keep_file *file) __attribute__((nonnull));
/* That becomes the host's. */
int keep_commit(struct keep_file *file) __attribute__((nonnull));
void keep_forget(struct keep_file *file) __attribute__((nonnull));
/* The command has removed it: so is the host's. */
int keep_remove(struct keep_file *file) __attribute__((nonnull));
/* What is in a folder of copies goes. */
int keep_clear_folder(int folder, struct err *e) __attribute__((nonnull));
/* From now on the copy is as the host's file. */
void keep_see_copy(struct keep_file *file) __attribute__((nonnull));
/* Has the copy the state that it had when the host's was the same? */
bool keep_is_same(const struct keep_file *file) __attribute__((nonnull));
/* What could not be brought back stays in the folder of the lock, as unsaved-NAME. */
void keep_put_aside(struct keep_file *file) __attribute__((nonnull));

/* keep-last.c: the last look, by the keeper, or by the monitor in its place. */
void keep_finish(struct keep *keep, bool itself) __attribute__((nonnull));
/* keep-watch.c: what the keeper does until the sandbox is gone; does not return. */
void keep_keeper(struct keep *keep, int sandbox) __attribute__((nonnull, noreturn));
/* Reads what has been saved. */
void keep_read_events(struct keep *keep) __attribute__((nonnull));
