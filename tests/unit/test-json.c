/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-json: whatever bytes a text holds, the output is JSON that another reader reads back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/json.h"
#include "base/mem.h"

static struct json_object *parse(const struct str *text)
{
	struct json_tokener *reader = json_tokener_new();
	struct json_object *value;

	json_tokener_set_flags(reader, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(reader, text->s, (int)text->len);
	if (json_tokener_get_error(reader) != json_tokener_success)
		fail_msg("%s: %s", json_tokener_error_desc(json_tokener_get_error(reader)), text->s);
	json_tokener_free(reader);
	return value;
}

/* What a reader gets for a text. */
static void check_text(const char *text, const char *expected)
{
	struct json *object = json_new_object();
	autostr struct str out = {0};
	struct json_object *back, *member;

	json_add_string(object, "text", text);
	json_print(object, &out);
	json_done(object);
	back = parse(&out);
	assert_true(json_object_object_get_ex(back, "text", &member));
	assert_string_equal(json_object_get_string(member), expected);
	json_object_put(back);
}

static void test_texts(void **state)
{
	(void)state;
	check_text("", "");
	check_text("plain", "plain");
	check_text("tab\tline\nquote\"back\\slash/", "tab\tline\nquote\"back\\slash/");
	check_text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7");
	check_text("\x01\x1f\x7f\x1b[31m\r", "\\x01\\x1f\\x7f\\x1b[31m\\x0d");
	check_text("\xff\xfe", "\\xff\\xfe");
	check_text("cut \xc3", "cut \\xc3");
	check_text("cut \xf0\x9f\x90", "cut \\xf0\\x9f\\x90");
	check_text("long form \xc0\xaf", "long form \\xc0\\xaf");
	check_text("surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80");
	check_text("too far \xf4\x90\x80\x80", "too far \\xf4\\x90\\x80\\x80");
	check_text("override \xe2\x80\xae", "override \\xe2\\x80\\xae");
}

static void test_every_byte(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		const char text[] = {'a', (char)byte, 'b', '\0'};
		struct json *array = json_new_array();
		autostr struct str out = {0};
		struct json_object *back;

		json_append_string(array, text);
		json_print(array, &out);
		json_done(array);
		back = parse(&out);
		assert_int_equal(json_object_array_length(back), 1);
		assert_true(json_object_get_string_len(json_object_array_get_idx(back, 0)) >= 3);
		json_object_put(back);
	}
}

static void test_numbers(void **state)
{
	struct json *object = json_new_object(), *inner = json_new_array();
	autostr struct str out = {0};
	struct json_object *back;

	(void)state;
	json_add_uint(object, "most", UINT64_MAX);
	json_add_int(object, "least", INT64_MIN);
	json_add_double(object, "half", 0.5);
	json_add_double(object, "whole", 3);
	json_add_double(object, "no number", NAN);
	json_add_bool(object, "yes", true);
	json_add_null(object, "nothing");
	json_add_string(object, "no text", NULL);
	json_add(object, "list", inner);
	json_print(object, &out);
	json_done(object);
	back = parse(&out);
	assert_true(json_object_get_uint64(json_object_object_get(back, "most")) == UINT64_MAX);
	assert_true(json_object_get_int64(json_object_object_get(back, "least")) == INT64_MIN);
	assert_true(json_object_get_double(json_object_object_get(back, "half")) == 0.5);
	assert_true(json_object_is_type(json_object_object_get(back, "whole"), json_type_double));
	assert_true(json_object_get_double(json_object_object_get(back, "no number")) == 0);
	assert_true(json_object_get_boolean(json_object_object_get(back, "yes")));
	assert_null(json_object_object_get(back, "nothing"));
	assert_null(json_object_object_get(back, "no text"));
	assert_int_equal(json_object_array_length(json_object_object_get(back, "list")), 0);
	assert_int_equal(json_object_object_length(back), 9);
	json_object_put(back);
	assert_int_equal(out.s[out.len - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
