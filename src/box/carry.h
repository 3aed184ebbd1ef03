/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carry: copies a tree that a stranger may have made. Regular files and folders come along, with their content, nine
 * mode bits and, of files, the time of the last change; nothing else does. Memory, open files and what is written have
 * bounds that the tree can't move. Nothing may change the tree meanwhile: all who could are dead. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { CARRY_DEPTH = 128, CARRY_LISTED = 64, CARRY_NAME = 1024, CARRY_PATTERNS = 256 };

enum carry_why {
	CARRY_LINK,
	CARRY_FIFO,
	CARRY_SOCKET,
	CARRY_DEVICE,
	CARRY_TOO_BIG,  /* of one file, or of all together: a file with many names is as many files */
	CARRY_TOO_DEEP, /* a folder in CARRY_DEPTH others, and all in it */
	CARRY_TOO_MANY, /* folders beside each other, and all in them */
	CARRY_BAD_NAME, /* the file system that it would go to has no such names */
	CARRY_WHYS
};
extern const char *const carry_word[CARRY_WHYS];  /* "link" */
extern const char *const carry_words[CARRY_WHYS]; /* "is a symbolic link" */

/* What happened. It lies in memory that two processes share, so there is no pointer in it. */
struct carried {
	uint64_t bytes; /* of content, without holes */
	uint64_t files, folders;
	uint64_t dropped; /* all of them; the first are listed */
	struct {
		enum carry_why why;
		char name[CARRY_NAME]; /* the path below the top, cut if it is longer */
	} list[CARRY_LISTED];
	bool found[CARRY_PATTERNS]; /* something came along that the pattern asks for */
};

struct carry {
	const char *const *patterns;   /* what comes along; see pattern.h */
	size_t pattern_count;          /* at most CARRY_PATTERNS; 0: all comes along */
	uint64_t file_size;            /* the largest file, as its end says */
	uint64_t bytes;                /* the most content of all files together */
	mode_t file_bits, folder_bits; /* set whatever the source says */
	const char *owner;             /* "UID:GID" of what is made; empty: whoever makes it */
	bool strict;                   /* what would be dropped is an error */
};

/* Copies what is in `from` into the empty folder `to`. Fails if a file system does, and where rules->strict says so.
 * `ret` is added to, also on failure. */
int carry_tree(int from, int to, const struct carry *rules, struct carried *ret, struct err *e)
	__attribute__((nonnull));
