/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-path: paths as texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/path.h"

static void test_path_below(void **state)
{
	static const struct {
		const char *path, *above;
		bool below;
	} rows[] = {
		{"/a", "/", true},   {"/", "/", true},           {"/a/b", "/a", true},
		{"/a", "/a", true},  {"/ab", "/a", false},       {"/a", "/a/b", false},
		{"/b", "/a", false}, {"/a/bc/d", "/a/b", false}, {"/a/b/c", "/a/b", true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (path_below(rows[i].path, rows[i].above) != rows[i].below)
			fail_msg("%s below %s", rows[i].path, rows[i].above);
}

static void test_path_normal(void **state)
{
	static const struct {
		const char *path, *normal;
		bool up;
	} rows[] = {
		{"", "/", false},         {"/", "/", false},
		{"a", "/a", false},       {"//a///b/", "/a/b", false},
		{"/./a/.", "/a", false},  {"/a/../b", "/b", true},
		{"/..", "/", true},       {"a/b/../..", "/", true},
		{"/../../a", "/a", true}, {"/a/..b/...", "/a/..b/...", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *normal = path_normal(rows[i].path);

		assert_string_equal(normal, rows[i].normal);
		assert_int_equal(path_goes_up(rows[i].path), rows[i].up);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_below),
		cmocka_unit_test(test_path_normal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
