/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rows: what a word of sbxctl has to show, an item each: a table for people, or the one frame of all JSON,
 * {"sbx": 1, "images": [ITEM, ...]}, which man/sbxctl.schema.json describes. */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct column {
	const char *title;
	const char *member;                                      /* of the item; "-" where it has none, or null */
	int width;                                               /* as printf has it; 0: the last one */
	void (*show)(struct str *out, const struct json *value); /* NULL: text, escaped, or a number */
};

struct rows {
	bool json;
	struct json *top, *list; /* top is owned, and has the list: more members may be added */
	struct str text;         /* for people, in place of a table, or before it */
};

/* Takes "--json" out of the words. True: it was there. */
bool rows_asked(int *argc, char **argv) __attribute__((nonnull));
/* `kind`: "images" ... */
void rows_begin(struct rows *ret, const char *kind, bool json) __attribute__((nonnull));
void rows_add(struct rows *rows, struct json *owned) __attribute__((nonnull));
/* An item with its name, and what was done with it. It may get more members. */
struct json *rows_did(struct rows *rows, const char *name, const char *what) __attribute__((nonnull));
/* The error is told, and is what the item has. Returns 1, the exit status. */
int rows_failed(struct rows *rows, const char *name, const struct err *e) __attribute__((nonnull));
/* Frees it unprinted. */
void rows_drop(struct rows *rows) __attribute__((nonnull));
/* Prints all, and frees it. Without columns: no table. Returns `status`, or 1 if it is 0 and nothing can be written. */
int rows_end(struct rows *rows, const struct column *columns, size_t count, int status) __attribute__((nonnull(1)));
/* The same, where it is one of many: JSON on one line. */
int rows_end_line(struct rows *rows, const struct column *columns, size_t count) __attribute__((nonnull(1)));
/* For columns: a number of bytes in MiB; how long ago a time was; a list of words, cut after 60 bytes. */
void show_mebibytes(struct str *out, const struct json *value) __attribute__((nonnull(1)));
void show_age(struct str *out, const struct json *value) __attribute__((nonnull(1)));
void show_words(struct str *out, const struct json *value) __attribute__((nonnull(1)));
