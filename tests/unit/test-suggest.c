/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-suggest: the nearest known name, and none where nothing is near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/suggest.h"

static const char *const names[] = {"read-only", "read-write", "memory", "hide", "ro", "host", "home"};

static const char *near(const char *typed)
{
	return suggest(typed, names, countof(names));
}

static void test_near(void **state)
{
	(void)state;
	assert_string_equal(near("read-onl"), "read-only");
	assert_string_equal(near("readonly"), "read-only");
	assert_string_equal(near("raed-write"), "read-write");
	assert_string_equal(near("memroy"), "memory");
	assert_string_equal(near("memory"), "memory");
	assert_string_equal(near("ihde"), "hide");
	assert_string_equal(near("hsot"), "host");
}

static void test_far(void **state)
{
	(void)state;
	assert_null(near("xyz"));
	assert_null(near("rw"));
	assert_null(near(""));
	assert_null(near("memmmmory"));
	assert_null(suggest("hide", names, 0));
}

static void test_long(void **state)
{
	char longer[5000];

	(void)state;
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_null(near(longer));
	longer[64] = '\0';
	assert_null(near(longer));
	assert_string_equal(suggest(longer + 1, (const char *const[]){longer}, 1), longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
