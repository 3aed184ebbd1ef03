/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-json: whatever bytes a text holds, the output is JSON that another reader reads back. */
#include <errno.h>
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

static int read_text(const char *text, size_t length, struct json **ret, struct err *e)
{
	autostr struct str copy = {0};

	str_add_bytes(&copy, text, length);
	return json_parse(&copy, ret, e);
}

static void test_reading(void **state)
{
	static const char text[] =
		"{\"t\": \"\\u00fc\\n\", \"n\": 18446744073709551615, \"f\": 1.50, \"b\": true, \"z\": null,"
		" \"l\": [\"a\", 2], \"nul\": \"a\\u0000b\"} ";
	struct json *value = NULL;
	struct err e = {0};
	autostrv struct strv names = {0};

	(void)state;
	assert_int_equal(read_text(text, sizeof text - 1, &value, &e), 0);
	assert_int_equal(json_kind(value), JSON_OBJECT);
	json_names(value, &names);
	assert_int_equal(names.count, 7);
	assert_string_equal(names.v[0], "t");
	assert_string_equal(names.v[6], "nul");
	assert_string_equal(json_text(json_member(value, "t")), "\xc3\xbc\n");
	assert_string_equal(json_text(json_member(value, "n")), "18446744073709551615");
	assert_string_equal(json_text(json_member(value, "f")), "1.50");
	assert_string_equal(json_text(json_member(value, "b")), "true");
	assert_int_equal(json_kind(json_member(value, "b")), JSON_BOOL);
	assert_null(json_member(value, "z"));
	assert_null(json_member(value, "none"));
	assert_int_equal(json_kind(NULL), JSON_NULL);
	assert_null(json_text(NULL));
	assert_int_equal(json_count(json_member(value, "l")), 2);
	assert_string_equal(json_text(json_at(json_member(value, "l"), 1)), "2");
	assert_null(json_text(json_member(value, "l")));
	assert_int_equal(json_kind(json_member(value, "nul")), JSON_STRING);
	assert_null(json_text(json_member(value, "nul")));
	json_done(value);
	assert_int_equal(read_text("7", 1, &value, &e), 0);
	assert_string_equal(json_text(value), "7");
	json_done(value);
	assert_int_equal(read_text("null", 4, &value, &e), 0);
	assert_null(value);
}

static void test_bad_text(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} rows[] = {
		{"", 0},
		{" ", 1},
		{"{", 1},
		{"{}}", 3},
		{"{} {}", 5},
		{"{}\0", 3},
		{"{}\0{}", 5},
		{"nul", 3},
		{"[1,]", 4},
		{"{\"a\":1,}", 8},
		{"{a:1}", 5},
		{"'a'", 3},
		{"\"a", 2},
		{"\"\xff\"", 3},
		{"{\"\xc3\":1}", 7},
		{"\"\xed\xa0\x80\"", 5},
		{"// x\n1", 6},
		{"/**/1", 5},
		{"NaN", 3},
		{"Infinity", 8},
		{"01", 2},
		{"1 1", 3},
		{"\"\\x41\"", 6},
		{"TRUE", 4},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct json *value = NULL;
		struct err e = {0};

		if (read_text(rows[i].text, rows[i].length, &value, &e) != -EINVAL || !e.text[0])
			fail_msg("row %zu, '%s', was read", i, rows[i].text);
	}
}

static int read_levels(size_t levels)
{
	autostr struct str text = {0};
	struct json *value = NULL;
	struct err e = {0};
	int r;

	for (size_t i = 0; i < levels; i++)
		str_add(&text, "[");
	for (size_t i = 0; i < levels; i++)
		str_add(&text, "]");
	r = json_parse(&text, &value, &e);
	if (r == 0)
		json_done(value);
	return r;
}

static void test_depth(void **state)
{
	(void)state;
	assert_int_equal(read_levels(31), 0);
	assert_int_equal(read_levels(33), -EINVAL);
	assert_int_equal(read_levels(100000), -EINVAL);
}

/* What becomes of bytes; RFC 4648, section 10, has the known values. */
static void check_bytes(const char *bytes, size_t length, const char *name, const char *expected)
{
	struct json *object = json_new_object();
	autostr struct str in = {0}, out = {0};
	struct json_object *back, *member;

	str_add_bytes(&in, bytes, length);
	json_add_bytes(object, "out", &in);
	json_print_line(object, &out);
	json_done(object);
	assert_ptr_equal(memchr(out.s, '\n', out.len), out.s + out.len - 1);
	back = parse(&out);
	assert_int_equal(json_object_object_length(back), 1);
	if (!json_object_object_get_ex(back, name, &member))
		fail_msg("there is no %s: %s", name, out.s);
	assert_string_equal(json_object_get_string(member), expected);
	json_object_put(back);
}

static void test_bytes(void **state)
{
	(void)state;
	check_bytes("", 0, "out", "");
	check_bytes("gr\xc3\xbc\n", 5, "out", "gr\xc3\xbc\n");
	check_bytes("a\nb", 3, "out", "a\nb");
	check_bytes("\n\n\n\n", 4, "out", "\n\n\n\n");
	check_bytes("\xff", 1, "out_base64", "/w==");
	check_bytes("f\xff", 2, "out_base64", "Zv8=");
	check_bytes("fo\xff", 3, "out_base64", "Zm//");
	check_bytes("foo\xff", 4, "out_base64", "Zm9v/w==");
	check_bytes("fooba\xff", 6, "out_base64", "Zm9vYmH/");
	check_bytes("\xfb\xef\xbe\0\x10\x83", 6, "out_base64", "++++ABCD");
	check_bytes("\x01\x02\x03", 3, "out_base64", "AQID"); /* else the payload chose what the answer costs */
	check_bytes("\0\0\0", 3, "out_base64", "AAAA");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),   cmocka_unit_test(test_every_byte), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_reading), cmocka_unit_test(test_bad_text),   cmocka_unit_test(test_depth),
		cmocka_unit_test(test_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
