/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* read: what an overlay has changed, as its upper folder says, which a hostile program has written. Links are never
 * followed; what is neither file, folder, link nor whiteout is refused; memory has bounds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "session/session.h"

enum { CHANGE_DEPTH = 256 };

enum change_kind {
	CHANGE_SAME, /* a folder that is as it was; only what is in it may not be */
	CHANGE_ADDED,
	CHANGE_CHANGED,
	CHANGE_REMOVED,
	CHANGE_REPLACED, /* by something of another type */
	CHANGE_OPAQUE,   /* a folder that was removed and made anew: nothing of the host's is in it */
	CHANGE_MODE,
	CHANGE_REFUSED, /* never committed */
	CHANGE_KINDS
};
extern const char *const change_word[CHANGE_KINDS]; /* "added" */

struct change {
	enum change_kind kind;
	char *path;       /* below the folder, "" itself; any bytes; owned */
	char *link;       /* the text of a link; owned */
	const char *what; /* "file", "folder", "link"; of what is refused, its reason */
	bool lost;        /* refused, but something that can't be kept anyway: a commit goes on without it */
	bool pure;        /* a folder through which nothing of the host is seen */
	bool setuid;      /* of a file: bits that are dropped */
	mode_t mode;      /* as it would be committed */
	uint64_t size;    /* of a file */
};

struct changes {
	struct change *v; /* what is in a folder follows it; beside each other by their bytes */
	size_t count, cap;
	size_t bytes; /* of all paths */
};

/* Compares the upper folder with what is below it: one folder, or the layers of an image, from the top down; all open
 * to be read. */
int session_read(const struct session_overlay *overlay, const int *lower, size_t count, struct changes *ret,
		 struct err *e) __attribute__((nonnull));
/* The lower folder, open to be read; no name on the way is a link. */
int session_lower(const struct session_overlay *overlay, struct err *e) __attribute__((nonnull));
void changes_done(struct changes *changes);

/* Does the file, or the link, have the same content in both folders? */
bool change_same_file(int folder, int other, const char *name) __attribute__((nonnull));
bool change_same_link(int folder, int other, const char *name) __attribute__((nonnull));
