/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-str: growing texts, lists, and the escaping of what strangers wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static void test_growing(void **state)
{
	autostr struct str text = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		str_addf(&text, "%d,", i % 10);
	assert_int_equal(text.len, 2000);
	assert_int_equal(strlen(text.s), 2000);
	assert_memory_equal(text.s + 1990, "5,6,7,8,9,", 10);
	str_add_bytes(&text, "a\0b", 3);
	assert_int_equal(text.len, 2003);
	assert_memory_equal(text.s + 2000, "a\0b", 4);
}

static void test_empty(void **state)
{
	autostr struct str text = {0};

	(void)state;
	str_add(&text, "");
	assert_string_equal(text.s, "");
	assert_int_equal(text.len, 0);
	str_done(&text);
	assert_null(text.s);
}

static void test_list(void **state)
{
	autostrv struct strv list = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		strv_take(&list, xasprintf("item %d", i));
		assert_null(list.v[list.count]);
	}
	strv_add(&list, "last");
	assert_int_equal(list.count, 101);
	assert_true(strv_has(&list, "item 57"));
	assert_true(strv_has(&list, "last"));
	assert_false(strv_has(&list, "item"));
}

static void test_escaping(void **state)
{
	static const struct {
		const char *text;
		bool utf8;
		const char *escaped;
	} rows[] = {
		{"plain ~ text", false, "plain ~ text"},
		{"\033[2J\n\t\x7f", true, "\\x1b[2J\\x0a\\x09\\x7f"},
		{"back\\slash", true, "back\\x5cslash"},
		{"gr\xc3\xbc\xc3\x9f", true, "gr\xc3\xbc\xc3\x9f"},
		{"gr\xc3\xbc", false, "gr\\xc3\\xbc"},
		{"\xc2\x9b", true, "\\xc2\\x9b"},                   /* C1 control: CSI */
		{"\xe2\x80\xae", true, "\\xe2\\x80\\xae"},          /* right-to-left override */
		{"\xe2\x80\xa8", true, "\\xe2\\x80\\xa8"},          /* line separator */
		{"\xc0\xaf", true, "\\xc0\\xaf"},                   /* overlong */
		{"\xed\xa0\x80", true, "\\xed\\xa0\\x80"},          /* surrogate */
		{"\xf4\x90\x80\x80", true, "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
		{"\xe2\x82", true, "\\xe2\\x82"},                   /* cut short */
		{"\xf0\x9f\x98\x80", true, "\xf0\x9f\x98\x80"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autostr struct str text = {0};

		str_add_escaped(&text, rows[i].text, rows[i].utf8);
		assert_string_equal(text.s, rows[i].escaped);
	}
}

static void test_prefix(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "ab"));
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		bool is;
	} rows[] = {
		{"", 0, true},
		{"plain\n\x7f", 7, true},
		{"a\0b", 3, true},
		{"\xc2\x80", 2, true},          /* C1: not printable, but UTF-8 */
		{"\xe2\x80\xae", 3, true},      /* override: the same */
		{"\xef\xbf\xbf", 3, true},      /* U+FFFF */
		{"\xf0\x90\x80\x80", 4, true},  /* U+10000 */
		{"\xf4\x8f\xbf\xbf", 4, true},  /* U+10FFFF */
		{"\xf4\x90\x80\x80", 4, false}, /* above */
		{"\xed\x9f\xbf", 3, true},
		{"\xed\xa0\x80", 3, false}, /* surrogates */
		{"\xed\xbf\xbf", 3, false},
		{"\xc0\x80", 2, false}, /* overlong */
		{"\xe0\x9f\xbf", 3, false},
		{"\xf0\x8f\xbf\xbf", 4, false},
		{"\x80", 1, false},
		{"\xff", 1, false},
		{"\xc3", 1, false}, /* cut short: what stands behind the end does not count */
		{"\xe2\x82", 2, false},
		{"\xf0\x9f\x98", 3, false},
		{"\xc3\0", 2, false},
		{"ok \xc3\xbc\xff", 6, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autostr struct str text = {0};

		str_add_bytes(&text, rows[i].text, rows[i].length);
		if (str_is_utf8(&text) != rows[i].is)
			fail_msg("row %zu is told to be otherwise", i);
	}
	assert_true(str_is_utf8(&(struct str){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growing),  cmocka_unit_test(test_empty),  cmocka_unit_test(test_list),
		cmocka_unit_test(test_escaping), cmocka_unit_test(test_prefix), cmocka_unit_test(test_utf8),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
