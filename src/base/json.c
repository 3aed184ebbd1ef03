/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct json_object *is(const struct json *value)
{
	return (struct json_object *)(uintptr_t)value;
}

static struct json_object *there(struct json_object *value)
{
	if (!value)
		abort();
	return value;
}

/* Bytes that are not well-formed UTF-8 become \xNN: no text can make the output invalid. */
static struct json_object *string(const char *text)
{
	autostr struct str valid = {0};
	const char *rest = text;

	while (*rest) {
		size_t plain = strcspn(rest, "\\\t\n");

		if (plain) {
			autofree char *part = xstrndup(rest, plain);

			str_add_escaped(&valid, part, true);
		} else {
			str_add_bytes(&valid, rest, 1);
			plain = 1;
		}
		rest += plain;
	}
	return there(json_object_new_string(valid.s ? valid.s : ""));
}

static void add(struct json *object, const char *name, struct json_object *value)
{
	if (json_object_object_add(is(object), name, value) < 0)
		abort();
}

struct json *json_new_object(void)
{
	return (struct json *)there(json_object_new_object());
}

struct json *json_new_array(void)
{
	return (struct json *)there(json_object_new_array());
}

void json_add(struct json *object, const char *name, struct json *owned)
{
	add(object, name, is(owned));
}

void json_add_string(struct json *object, const char *name, const char *text)
{
	add(object, name, text ? string(text) : NULL);
}

void json_add_int(struct json *object, const char *name, int64_t value)
{
	add(object, name, there(json_object_new_int64(value)));
}

void json_add_uint(struct json *object, const char *name, uint64_t value)
{
	add(object, name, there(json_object_new_uint64(value)));
}

void json_add_double(struct json *object, const char *name, double value)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%.9g", isfinite(value) ? value : 0.0);
	if (!strpbrk(text, ".e"))
		(void)strncat(text, ".0", sizeof text - strlen(text) - 1);
	add(object, name, there(json_object_new_double_s(value, text)));
}

void json_add_bool(struct json *object, const char *name, bool value)
{
	add(object, name, there(json_object_new_boolean(value)));
}

void json_add_null(struct json *object, const char *name)
{
	add(object, name, NULL);
}

void json_append(struct json *array, struct json *owned)
{
	if (json_object_array_add(is(array), is(owned)) < 0)
		abort();
}

void json_append_string(struct json *array, const char *text)
{
	if (json_object_array_add(is(array), string(text)) < 0)
		abort();
}

void json_append_uint(struct json *array, uint64_t value)
{
	if (json_object_array_add(is(array), json_object_new_uint64(value)) < 0)
		abort();
}

void json_print(const struct json *value, struct str *out)
{
	str_add(out, json_object_to_json_string_ext(is(value), JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
								       JSON_C_TO_STRING_NOSLASHESCAPE));
	str_add(out, "\n");
}

void json_done(struct json *value)
{
	(void)json_object_put(is(value));
}
