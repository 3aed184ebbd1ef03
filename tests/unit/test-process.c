/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-process: streams, signals and the command, as steps of a plan. */
#include <errno.h>

#include "tests/unit/plan-of.h"

static void test_command_not_shown(void **state)
{
	struct plan_of *f = *state;

	fake_host_add(&f->fake, "f /srv/tool 755 0");
	want(f, SET_filesystem_show_command, "no");
	compile_with(f, "/srv/tool", NULL);
	sees_not(f, "source=/srv/tool");
}

static void test_streams(void **state)
{
	struct plan_of *f = *state;

	compile_with(f, "true", NULL);
	sees_not(f, "end-on-signal");
	sees_not(f, "as=output");
	again(f);
	want(f, SET_process_stderr_to_stdout, "yes");
	want(f, SET_process_end_on_signal, "yes");
	compile_with(f, "true", NULL);
	sees(f, "stdio fd=2 as=output # test.ini:7");
	sees(f, "end-on-signal # test.ini:7");
}

static void test_instructions(void **state)
{
	struct plan_of *f = *state;

	compile(f);
	sees_not(f, "counter");
	again(f);
	want(f, SET_report_instructions, "yes");
	compile(f);
	sees(f, "counter config=1 type=0 # test.ini:7");
	again(f);
	want(f, SET_report_instructions, "yes");
	f->fake.host.counters_errno = ENOENT;
	assert_int_equal(try_command(f, "true", NULL), -ENOENT);
	assert_non_null(strstr(f->e.text, "test.ini:7: report.instructions: this machine counts no instructions"));
	f->fake.host.counters_errno = EACCES;
	again(f);
	want(f, SET_report_instructions, "yes");
	assert_int_equal(try_command(f, "true", NULL), -EACCES);
	assert_non_null(strstr(f->e.text, "test.ini:7: report.instructions: instructions may not be counted here"));
	assert_non_null(strstr(f->e.hint, "perf_event_paranoid"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, plan_of_setup, plan_of_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {T(test_command_not_shown), T(test_streams), T(test_instructions)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
