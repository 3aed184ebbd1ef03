/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opened: the list of what a program opens and executes, where the plan asks for it. The filter tells the monitor of
 * each such call, which waits meanwhile; the monitor reads the path from the caller's memory and lets the kernel go on.
 *
 * The kernel reads the path again. A program that changes it in between has another one in the list than it has opened:
 * so nothing is ever allowed or denied by it, and the list is for trusted programs. */
#pragma once

#include <linux/seccomp.h>

#include "run/monitor.h"

enum { OPENED_PATHS_MAX = 100000, OPENED_BYTES_MAX = 64 << 20 };

enum opened_how { OPENED_READ = 1, OPENED_WRITE = 2, OPENED_EXECUTE = 4 };
/* When it was first asked for. UNKNOWN: the monitor can't tell, as of a process's own part of /proc. */
enum opened_found { OPENED_MISSING, OPENED_THERE, OPENED_UNKNOWN };

struct opened {
	int file;   /* what the list is written to */
	void *tree; /* of tsearch(3) */
	size_t count, bytes;
	bool full;       /* there were more */
	uint64_t unread; /* calls of which the path could not be read */
	const struct step *step;
};

/* Opens the file, as the caller; nothing where the plan has no list. Fills m->opened. */
int opened_begin(struct monitor *m, struct err *e) __attribute__((nonnull));
/* The command itself was executed, from the nth folder of the search path, or (0) as it is named. */
void opened_command(struct monitor *m, int folder) __attribute__((nonnull));
/* Takes one call. False: it is none that is told for the list alone, and has to be denied. */
bool opened_take(struct monitor *m, const struct seccomp_notif *call) __attribute__((nonnull));
/* Writes the list, when all processes are dead; fails if it is not complete. */
int opened_write(struct monitor *m, struct err *e) __attribute__((nonnull));
void opened_end(struct monitor *m) __attribute__((nonnull));

/* opened-path.c */
/* One path for the list, of a copy; the first `found` stays. */
void opened_add(struct opened *opened, const char *path, unsigned how, enum opened_found found)
	__attribute__((nonnull));
/* As few names as mean the same in the root `root` (-1: not known): no ".", no empty one, and ".." only behind what may
 * be a link. Owned by the caller. */
char *opened_normal(int root, const char *path) __attribute__((nonnull));
enum opened_found opened_find(int root, const char *path) __attribute__((nonnull));
