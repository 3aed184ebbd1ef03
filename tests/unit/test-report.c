/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-report: what is known stands in the report, what is not known is null, and a missing layer is named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compile/syscalls.h"
#include "report.h"

static char program[] = "prog", argument[] = "a\xff\033";
static char *command[] = {program, argument, NULL};

static void write_report(const struct outcome *outcome, const struct plan *plan, const struct err *error,
			 struct str *out)
{
	const struct variables vars = {.home = "/home/me", .cwd = "/home/me/src"};
	struct policy policy = {0};
	struct err e = {0};
	struct report_context context = {.policy = &policy, .plan = plan, .command = command, .error = error};

	assert_int_equal(policy_defaults(&policy, &vars, &e), 0);
	strv_add(&policy.profiles, "grader");
	report_write(outcome, &context, out);
	policy_done(&policy);
}

static void assert_has(const struct str *text, const char *part)
{
	if (!strstr(text->s, part))
		fail_msg("'%s' is not in: %s", part, text->s);
}

static void test_unknown(void **state)
{
	const struct outcome outcome = {.verdict = VERDICT_INTERNAL,
					.exit_code = -1,
					.wall = -1,
					.waited = -1,
					.stolen = -1,
					.suspect = -1,
					.memory_peak = -1,
					.processes_peak = -1,
					.stream_bytes = {0, -1, -1}};
	struct err error = {0};
	struct plan plan = {0};
	autostr struct str out = {0};

	(void)state;
	(void)err_set(&error, EINVAL, "no luck");
	write_report(&outcome, &plan, &error, &out);
	assert_has(&out, "\"sbx\": 1");
	assert_has(&out, "\"verdict\": \"internal\"");
	assert_has(&out, "\"exit_code\": null");
	assert_has(&out, "\"signal\": null");
	assert_has(&out, "\"wall_s\": null");
	assert_has(&out, "\"waited_s\": null");
	assert_has(&out, "\"steal_s\": null");
	assert_has(&out, "\"suspect\": null");
	assert_has(&out, "\"peak_bytes\": null");
	assert_has(&out, "\"stdout_bytes\": null");
	assert_has(&out, "\"namespaces\": null");
	assert_has(&out, "\"landlock\": 0");
	assert_has(&out, "\"error\": \"no luck\"");
	assert_null(strchr(out.s, '\xff'));
	assert_null(strchr(out.s, '\033'));
}

static void test_known(void **state)
{
	struct denied_call denied[] = {{syscall_number(&syscall_rows[ROW_ptrace]), 3}, {100000, 1}};
	const struct outcome outcome = {.verdict = VERDICT_CPU_TIME,
					.exit_code = -1,
					.signal = 9,
					.killed = true,
					.executed = true,
					.wall = 1500000000,
					.waited = 250000000,
					.stolen = 500000000,
					.suspect = 1,
					.memory_peak = 4096,
					.memory_source = "cgroup2",
					.limits_source = "cgroup2",
					.denied = denied,
					.denied_count = 2};
	struct plan plan = {0};
	autostr struct str out = {0};

	(void)state;
	(void)plan_add(&plan, STEP_NAMESPACES, "default", NULL, NULL, 1, 0);
	(void)plan_add(&plan, STEP_LANDLOCK, "default", NULL, NULL, 0x7fff, 0);
	(void)plan_add(&plan, STEP_FILTER, "default", "strict", NULL, 0, 0);
	(void)plan_add(&plan, STEP_RLIMIT, "default", "core", "4", 0, 0);
	(void)plan_add(&plan, STEP_SKIP, "--best-effort", "limits", "no cgroup", 0, 0);
	write_report(&outcome, &plan, NULL, &out);
	assert_has(&out, "\"verdict\": \"cpu-time\"");
	assert_has(&out, "\"signal\": 9");
	assert_has(&out, "\"wall_s\": 1.5");
	assert_has(&out, "\"waited_s\": 0.25");
	assert_has(&out, "\"steal_s\": 0.5");
	assert_has(&out, "\"suspect\": true");
	assert_has(&out, "\"peak_bytes\": 4096");
	assert_has(&out, "\"syscall\": \"ptrace\"");
	assert_has(&out, "\"syscall\": \"100000\"");
	assert_has(&out, "\"namespaces\": \"user\"");
	assert_has(&out, "\"landlock\": 3");
	assert_has(&out, "\"syscalls\": \"strict\"");
	assert_has(&out, "\"layer\": \"limits\"");
	assert_has(&out, "\"why\": \"no cgroup\"");
	assert_has(&out, "\"core\": {\n      \"by\": \"RLIMIT_CORE\",\n      \"hit\": null");
	assert_null(strstr(out.s, "\"swap\""));
	assert_has(&out, "\"error\": null");
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
