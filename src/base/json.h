/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json: builds and prints JSON; always valid, whatever bytes the texts hold. The only user of json-c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct json; /* one value; a value that was added to another belongs to that */

struct json *json_new_object(void);
struct json *json_new_array(void);
void json_add(struct json *object, const char *name, struct json *owned) __attribute__((nonnull));
void json_add_string(struct json *object, const char *name, const char *text)
	__attribute__((nonnull(1, 2))); /* NULL: null */
void json_add_int(struct json *object, const char *name, int64_t value) __attribute__((nonnull));
void json_add_uint(struct json *object, const char *name, uint64_t value) __attribute__((nonnull));
void json_add_double(struct json *object, const char *name, double value) __attribute__((nonnull));
void json_add_bool(struct json *object, const char *name, bool value) __attribute__((nonnull));
void json_add_null(struct json *object, const char *name) __attribute__((nonnull));
void json_append(struct json *array, struct json *owned) __attribute__((nonnull));
void json_append_string(struct json *array, const char *text) __attribute__((nonnull));
void json_append_uint(struct json *array, uint64_t value) __attribute__((nonnull));
/* Pretty, with a final line end. */
void json_print(const struct json *value, struct str *out) __attribute__((nonnull));
void json_done(struct json *value);
