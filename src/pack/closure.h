/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* closure: a set of paths, each with what it is and why it is there. Data only: nothing is looked at. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/json.h"
#include "base/str.h"

enum entry_type { ENTRY_FILE, ENTRY_FOLDER, ENTRY_LINK };

/* Paths are absolute and normal, and no name on their way is a link: that link is an entry of its own. All texts are
 * owned. */
struct closure_entry {
	char *path;
	enum entry_type type;
	mode_t mode;    /* permissions, as they are on the host */
	uint64_t bytes; /* of a file */
	char *link;     /* text of a link; else NULL */
	char *why;      /* the first reason: "NEEDED of /usr/bin/x", "given" ... */
	char *content;  /* of a file that was made up, `bytes` of them; else NULL */
	bool made;      /* it is not on the host, or not like this */
	bool read;      /* what its content asks for is here */
	bool whole;     /* of a folder: all that is in it is here */
	bool ruled;     /* the rules have seen it */
};

/* Sorted by path (strcmp), so that a folder comes before what is in it. Zero-initialise; closure_done frees. */
struct closure {
	struct closure_entry **entry; /* the pointers stay valid when others are added */
	size_t count, cap;
	struct strv notes; /* what is not as one may think: set-user-ID bits that go, libraries that are not there */
};

/* The entry of that path, or NULL. */
struct closure_entry *closure_find(const struct closure *closure, const char *path) __attribute__((nonnull));
/* The new entry of a path that has none; the text is copied. The other fields are zero, but for `why`, a copy too. */
struct closure_entry *closure_insert(struct closure *closure, const char *path, const char *why)
	__attribute__((nonnull, returns_nonnull));
void closure_remove(struct closure *closure, struct closure_entry *entry) __attribute__((nonnull));
/* Once, however often it is said. */
void closure_note(struct closure *closure, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));
void closure_done(struct closure *closure);

struct closure_totals {
	size_t files, folders, links;
	uint64_t bytes; /* of files */
};
void closure_count(const struct closure *closure, struct closure_totals *ret) __attribute__((nonnull));

/* A line each: "file BYTES PATH  # WHY", "link - PATH -> TEXT  # WHY"; then the notes and the totals. */
void closure_print(const struct closure *closure, struct str *out) __attribute__((nonnull));
/* {"entries": [{"path", "type", "bytes", "link", "made", "why"}], "notes": [TEXT], "totals": {"files", "folders",
 * "links", "bytes"}}. Owned by the caller. */
struct json *closure_json(const struct closure *closure) __attribute__((nonnull));
