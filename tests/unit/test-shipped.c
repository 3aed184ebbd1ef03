/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-shipped: every profile that is shipped is right by itself, over the defaults, and with all rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/check.h"
#include "policy/profile.h"
#include "tests/unit/variables-of-u.h"

static const struct variables vars = {VARIABLES_OF_U, .desktop = "/home/u/Desktop"};

static void check_profile(const char *name, const struct profile_folders *folders)
{
	struct policy p = {0};
	struct errlist errors = {0};
	struct err e = {0};

	assert_int_equal(policy_defaults(&p, &vars, &e), 0);
	(void)profile_lay(&p, name, folders, &vars, &errors);
	policy_check(&p, &errors);
	if (errors.count)
		fail_msg("%s", errors.v[0].text);
	assert_non_null(policy_text(&p, SET_profile_description));
	assert_string_equal(p.name, name);
	policy_done(&p);
}

static void test_shipped(void **state)
{
	const char *source = getenv("SRCDIR");
	autofree char *folder = xasprintf("%s/profiles", source ? source : ".");
	const struct profile_folders folders = {{NULL, NULL, folder}};
	autostrv struct strv names = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(profile_names(&folders, &names, &e), 0);
	assert_true(strv_has(&names, "default"));
	for (size_t i = 0; i < names.count; i++)
		check_profile(names.v[i], &folders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
