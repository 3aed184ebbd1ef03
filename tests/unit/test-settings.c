/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-settings: what every row of the table must satisfy. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/policy.h"
#include "policy/value.h"

static void test_find(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		assert_int_equal(setting_find(settings[i].section, settings[i].key), i);
		assert_true(setting_section_exists(settings[i].section));
	}
	assert_int_equal(setting_find("limits", "memory"), SET_limits_memory);
	assert_int_equal(setting_find("limits", "umask"), SETTING_COUNT);
	assert_int_equal(setting_find("", ""), SETTING_COUNT);
	assert_false(setting_section_exists("limit"));
}

static void test_shorthands(void **state)
{
	autostrv struct strv seen = {0};

	(void)state;
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		if (!settings[i].shorthand)
			continue;
		assert_false(strv_has(&seen, settings[i].shorthand));
		assert_int_equal(setting_shorthand(settings[i].shorthand), i);
		assert_true(settings[i].type != TYPE_BOOL);
		strv_add(&seen, settings[i].shorthand);
	}
	assert_true(seen.count > 15);
	assert_int_equal(setting_shorthand("ro"), SET_filesystem_read_only);
	assert_int_equal(setting_shorthand("read-only"), SETTING_COUNT);
}

static void test_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *row = &settings[i];

		assert_true(strlen(row->help) > 3);
		assert_true(row->type != TYPE_ENUM || row->choices);
		assert_true(!row->choices || row->type == TYPE_ENUM || row->type == TYPE_WORDS);
		assert_true(row->many || row->type != TYPE_WORDS);
		for (const char *p = row->key; *p; p++)
			assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '-');
		for (const char *p = row->help; *p; p++)
			assert_true(isprint((unsigned char)*p));
	}
}

/* Words that a later version will take must be choices, where there are choices. */
static void test_later(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		autostrv struct strv later = {0}, choices = {0};

		if (!settings[i].later || !settings[i].choices)
			continue;
		value_words(settings[i].later, '\0', &later);
		value_words(settings[i].choices, '\0', &choices);
		for (size_t j = 0; j < later.count; j++)
			assert_true(strv_has(&choices, later.v[j]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_shorthands),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_later),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
