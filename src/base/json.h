/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json: builds, prints and reads JSON; always valid, whatever bytes the texts hold. The only user of json-c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct json; /* one value; a value that was added to another belongs to that */

struct json *json_new_object(void);
struct json *json_new_array(void);
void json_add(struct json *object, const char *name, struct json *owned)
	__attribute__((nonnull(1, 2))); /* NULL: null */
void json_add_string(struct json *object, const char *name, const char *text)
	__attribute__((nonnull(1, 2))); /* NULL: null */
void json_add_int(struct json *object, const char *name, int64_t value) __attribute__((nonnull));
void json_add_uint(struct json *object, const char *name, uint64_t value) __attribute__((nonnull));
void json_add_double(struct json *object, const char *name, double value) __attribute__((nonnull));
void json_add_bool(struct json *object, const char *name, bool value) __attribute__((nonnull));
void json_add_null(struct json *object, const char *name) __attribute__((nonnull));
void json_append(struct json *array, struct json *owned) __attribute__((nonnull(1))); /* NULL: null */
void json_append_string(struct json *array, const char *text) __attribute__((nonnull));
/* A list of texts. */
struct json *json_new_texts(const struct strv *texts) __attribute__((nonnull));
void json_append_uint(struct json *array, uint64_t value) __attribute__((nonnull));
/* Pretty, with a final line end. */
void json_print(const struct json *value, struct str *out) __attribute__((nonnull));
/* On one line. */
void json_print_line(const struct json *value, struct str *out) __attribute__((nonnull(2)));
void json_done(struct json *value);

/* How many times as long JSON makes bytes at most. */
enum { JSON_BYTES_FACTOR = 2 };
/* Bytes as they are: as the text `name` if they are UTF-8, and not so full of control bytes that JSON would more than
 * double them; else as base64 (RFC 4648) in `name`_base64. */
void json_add_bytes(struct json *object, const char *name, const struct str *bytes) __attribute__((nonnull));

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Reads one value, of at most 32 levels, in UTF-8. Owned by the caller; the value null is NULL. 0 or -EINVAL. */
int json_parse(const struct str *text, struct json **ret, struct err *e) __attribute__((nonnull));
enum json_kind json_kind(const struct json *value);
/* The text of a string, a number or a truth value ("true"), borrowed; NULL for others, and for one with a NUL in it. */
const char *json_text(const struct json *value);
/* The bytes of a string, NULs among them; of one in base64 (RFC 4648, with all its padding), those it stands for.
 * False: it is none. Adds to `ret`, which then is never empty of memory. */
bool json_bytes(const struct json *value, struct str *ret) __attribute__((nonnull(2)));
bool json_base64(const struct json *value, struct str *ret) __attribute__((nonnull(2)));
size_t json_count(const struct json *array) __attribute__((nonnull));
const struct json *json_at(const struct json *array, size_t at) __attribute__((nonnull));             /* NULL: null */
const struct json *json_member(const struct json *object, const char *name) __attribute__((nonnull)); /* NULL: null */
/* Adds the names of an object's members, in order. */
void json_names(const struct json *object, struct strv *ret) __attribute__((nonnull));
/* One more owner of the same value. */
struct json *json_share(const struct json *value);
