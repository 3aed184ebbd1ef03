/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <errno.h>
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

struct json *json_new_texts(const struct strv *texts)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < texts->count; i++)
		json_append_string(list, texts->v[i]);
	return list;
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

void json_print_line(const struct json *value, struct str *out)
{
	str_add(out,
		json_object_to_json_string_ext(is(value), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	str_add(out, "\n");
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct str *out, const struct str *bytes)
{
	const unsigned char *p = (const unsigned char *)bytes->s;

	for (size_t i = 0; i < bytes->len; i += 3) {
		size_t there_are = bytes->len - i;
		uint32_t three = (uint32_t)p[i] << 16 | (there_are > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
				 (there_are > 2 ? p[i + 2] : 0);
		char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
				there_are > 1 ? digits[three >> 6 & 63] : '=',
				there_are > 2 ? digits[three & 63] : '='};

		str_add_bytes(out, four, sizeof four);
	}
}

/* As JSON writes them. */
static size_t escaped_length(const struct str *bytes)
{
	size_t length = bytes->len;

	for (size_t i = 0; i < bytes->len; i++) {
		if ((unsigned char)bytes->s[i] < 0x20)
			length += memchr("\b\t\n\f\r", bytes->s[i], 5) ? 1 : 5;
		else if (bytes->s[i] == '"' || bytes->s[i] == '\\')
			length++;
	}
	return length;
}

void json_add_bytes(struct json *object, const char *name, const struct str *bytes)
{
	autofree char *other = xasprintf("%s_base64", name);
	autostr struct str base64 = {0};

	if (str_is_utf8(bytes) && escaped_length(bytes) <= JSON_BYTES_FACTOR * bytes->len) {
		add(object, name, there(json_object_new_string_len(bytes->s ? bytes->s : "", (int)bytes->len)));
		return;
	}
	add_base64(&base64, bytes);
	add(object, other, there(json_object_new_string_len(base64.s, (int)base64.len)));
}

/* json-c reads NaN and Infinity, which are no JSON, and numbers that become one of them. */
static bool is_finite(struct json_object *value)
{
	size_t count = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;

	for (size_t i = 0; i < count; i++)
		if (!is_finite(json_object_array_get_idx(value, i)))
			return false;
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			if (!is_finite(member))
				return false;
		}
	}
	return !json_object_is_type(value, json_type_double) || isfinite(json_object_get_double(value));
}

int json_parse(const struct str *text, struct json **ret, struct err *e)
{
	struct json_tokener *reader = json_tokener_new();
	struct json_object *value;
	enum json_tokener_error error;

	if (!reader)
		abort();
	if (!str_is_utf8(text)) { /* json-c lets halves of surrogate pairs pass */
		json_tokener_free(reader);
		return err_set(e, EINVAL, "read JSON: it is not UTF-8");
	}
	json_tokener_set_flags(reader, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(reader, text->s ? text->s : "",
				      (int)text->len + 1); /* with its NUL: the end of a number */
	error = json_tokener_get_error(reader);
	if (error == json_tokener_success && json_tokener_get_parse_end(reader) < text->len)
		error = json_tokener_error_parse_unexpected; /* something comes after the value */
	json_tokener_free(reader);
	if (error == json_tokener_success && !is_finite(value))
		error = json_tokener_error_parse_number;
	if (error != json_tokener_success) {
		(void)json_object_put(value);
		return err_set(e, EINVAL, "read JSON: %s", json_tokener_error_desc(error));
	}
	*ret = (struct json *)value;
	return 0;
}

enum json_kind json_kind(const struct json *value)
{
	switch (json_object_get_type(is(value))) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_int:
	case json_type_double:
		return JSON_NUMBER;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_null:
		break;
	}
	return JSON_NULL;
}

bool json_bytes(const struct json *value, struct str *ret)
{
	if (json_kind(value) != JSON_STRING)
		return false;
	str_add(ret, "");
	str_add_bytes(ret, json_object_get_string(is(value)), (size_t)json_object_get_string_len(is(value)));
	return true;
}

/* Four digits, of which `padding` are '='. */
static bool add_three(struct str *out, const char *four, int padding)
{
	uint32_t three = 0;
	char bytes[3];

	for (int i = 0; i < 4; i++) {
		const char *digit = i < 4 - padding ? memchr(digits, four[i], sizeof digits - 1) : digits;

		if (!digit)
			return false;
		three = three << 6 | (uint32_t)(digit - digits);
	}
	for (int i = 0; i < 3; i++)
		bytes[i] = (char)(three >> (16 - 8 * i));
	if (three & ((1U << 8 * padding) - 1)) /* bits that stand for nothing */
		return false;
	str_add_bytes(out, bytes, (size_t)(3 - padding));
	return true;
}

bool json_base64(const struct json *value, struct str *ret)
{
	autostr struct str text = {0};
	size_t ending = 0;

	if (!json_bytes(value, &text) || text.len % 4)
		return false;
	while (ending < 2 && ending < text.len && text.s[text.len - 1 - ending] == '=')
		ending++;
	str_add(ret, "");
	for (size_t i = 0; i < text.len; i += 4)
		if (!add_three(ret, text.s + i, i + 4 == text.len ? (int)ending : 0))
			return false;
	return true;
}

const char *json_text(const struct json *value)
{
	const char *text = json_object_get_string(is(value));

	switch (json_kind(value)) {
	case JSON_STRING:
		return strlen(text) == (size_t)json_object_get_string_len(is(value)) ? text : NULL;
	case JSON_BOOL:
	case JSON_NUMBER:
		return text;
	default:
		return NULL;
	}
}

size_t json_count(const struct json *array)
{
	return json_object_array_length(is(array));
}

const struct json *json_at(const struct json *array, size_t at)
{
	return (const struct json *)json_object_array_get_idx(is(array), at);
}

const struct json *json_member(const struct json *object, const char *name)
{
	struct json_object *member = NULL;

	(void)json_object_object_get_ex(is(object), name, &member);
	return (const struct json *)member;
}

void json_names(const struct json *object, struct strv *ret)
{
	json_object_object_foreach(is(object), name, value)
	{
		(void)value;
		strv_add(ret, name);
	}
}

struct json *json_share(const struct json *value)
{
	return (struct json *)json_object_get(is(value));
}
