/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-test-run: the words of a test run, and what of the list of what it opened an image needs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ctl/test-run.h"

/* The words, each in brackets. */
static void is(const char *command, const char *expected)
{
	autostrv struct strv words = {0};
	autostr struct str got = {0};
	struct err e = {0};

	if (test_run_words(command, &words, &e) < 0)
		fail_msg("%s: %s", command, e.text);
	for (size_t i = 0; i < words.count; i++)
		str_addf(&got, "[%s]", words.v[i]);
	assert_string_equal(got.s, expected);
}

static void is_wrong(const char *command, const char *text)
{
	autostrv struct strv words = {0};
	struct err e = {0};

	assert_int_equal(test_run_words(command, &words, &e), -EINVAL);
	assert_non_null(strstr(e.text, text));
}

static void test_words(void **state)
{
	static const char special[] = "|&;<>()$`*?[~#";

	(void)state;
	is("a", "[a]");
	is("  a\tb \n c ", "[a][b][c]");
	is("a '' \"\"", "[a][][]");
	is("'a b'c\"d e\"f\\ g", "[a bcd ef g]");
	is("sh -c 'echo \"$HOME\" | cat; \\'", "[sh][-c][echo \"$HOME\" | cat; \\]");
	is("\"a\\\"b\\\\c\\$d\\`e\\f\"", "[a\"b\\c$d`e\\f]");
	is("\\'\\\"\\|", "['\"|]");
	is("a\\", "[a\\]");
	for (const char *p = special; *p; p++) {
		autofree char *bare = xasprintf("a b%c", *p), *single = xasprintf("a 'b%c'", *p),
			      *expected = xasprintf("[a][b%c]", *p);

		is_wrong(bare, "is for a shell");
		is(single, expected);
	}
	is_wrong("\"$x\"", "is for a shell");
	is_wrong("\"`x`\"", "is for a shell");
	is_wrong("a 'b", "has no end");
	is_wrong("a \"b\\\"", "has no end");
	is_wrong("", "is empty");
	is_wrong(" \t", "is empty");
}

static void test_needed(void **state)
{
	static const struct {
		const char *line, *path;
	} rows[] = {
		{"r-- there /etc/x", "/etc/x"},
		{"--x there /usr/bin/a b", "/usr/bin/a b"},
		{"rw- there /usr/\\x0a\\x5c\\xff\\x", "/usr/\n\\\xff\\x"},
		{"-w- there /etc/x", NULL},
		{"--- there /etc/x", NULL},
		{"r-- missing /etc/x", NULL},
		{"r-- unknown /etc/x", NULL},
		{"r-- there /proc/1", NULL},
		{"r-- there /dev/null", NULL},
		{"r-- there /sys", NULL},
		{"r-- there /tmp/x", NULL},
		{"r-- there /var/tmp/x", NULL},
		{"r-- there /run/x", NULL},
		{"r-- there /runner", "/runner"},
		{"r-- there /home/u/x", NULL},
		{"r-- there /home/u2/x", "/home/u2/x"},
		{"r-", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *got = test_run_needed(rows[i].line, "/home/u");

		if (!got != !rows[i].path || (got && strcmp(got, rows[i].path) != 0))
			fail_msg("%s: %s", rows[i].line, got ? got : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_needed)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
