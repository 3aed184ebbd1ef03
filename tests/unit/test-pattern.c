/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pattern: which paths of a box a pattern takes, and that none takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "box/pattern.h"

static void test_takes(void **state)
{
	static const char *const rows[][2] = {
		{"out.txt", "out.txt"},
		{"out", "out/a/b"},
		{"out/a", "out/a/b"},
		{"*", ".hidden"},
		{"*", "a/b"},
		{"*.txt", "a.txt"},
		{"*.txt", ".txt"},
		{"a*b*c", "aXbXbc"},
		{"a*b*c", "abcbc"},
		{"*/*.o", "src/x.o"},
		{"a?c", "abc"},
		{"?", "\xff"},
		{"[abc]x", "bx"},
		{"[a-c]x", "cx"},
		{"[!a-c]x", "dx"},
		{"[]]x", "]x"},
		{"[a-]x", "-x"},
		{"[\\]]x", "]x"},
		{"[\\a-\\c]x", "bx"},
		{"[x", "[x"},
		{"[\x80-\xff]", "\xc3"},
		{"\\*", "*"},
		{"\\", "\\"},
		{"a\nb", "a\nb"},
		{"**", "x"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (!pattern_takes(rows[i][0], rows[i][1]))
			fail_msg("'%s' does not take '%s'", rows[i][0], rows[i][1]);
}

static void test_takes_not(void **state)
{
	static const char *const rows[][2] = {
		{"out.txt", "out.txt2"},
		{"out.txt", "a/out.txt"},
		{"out/a", "out"},
		{"out/a", "out/ab"},
		{"*.txt", "a/b.txt"},
		{"*.txt", "a.txtx"},
		{"a?c", "a/c"},
		{"a?c", "ac"},
		{"[abc]x", "dx"},
		{"[!abc]x", "ax"},
		{"[a/b]", "a"},
		{"\\*", "x"},
		{"", "x"},
		{"a*b*c", "acb"},
		{"*/*.o", "x.o"},
		{"a//b", "a/b"},
		{"?*", ""},
		{"[c-a]x", "bx"},
		{"[a-c]", "a-c"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (pattern_takes(rows[i][0], rows[i][1]))
			fail_msg("'%s' takes '%s'", rows[i][0], rows[i][1]);
}

/* What takes fnmatch(3) longer than anybody waits. */
static void test_time(void **state)
{
	char pattern[255], name[256];
	int64_t began = clock_ns(CLOCK_MONOTONIC);

	(void)state;
	for (size_t i = 0; i + 2 < sizeof pattern; i += 2) {
		pattern[i] = '*';
		pattern[i + 1] = 'a';
	}
	memcpy(pattern + sizeof pattern - 2, "b", 2);
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		assert_false(pattern_takes(pattern, name));
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < (int64_t)20 * NS_PER_SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes),
		cmocka_unit_test(test_takes_not),
		cmocka_unit_test(test_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
