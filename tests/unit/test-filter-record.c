/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-filter-record: what is told to a listener of opened paths: what would be allowed, and nothing else. */
#include <fcntl.h>

#include "plan/plan.h"
#include "tests/unit/filter-run.h"

static bool is_told(const char *name)
{
	static const char *const told[] = {"open", "openat", "creat", "execve", "execveat"};

	for (size_t i = 0; name && i < countof(told); i++)
		if (str_eq(told[i], name))
			return true;
	return false;
}

/* Every number: as without it, but that these are told where they would be allowed; for other tables too. */
static void check(struct filter_request request)
{
	autostr struct str plain = {0}, program = {0};

	build(&request, &plain);
	request.record = true;
	build(&request, &program);
	for (int number = -1; number <= 600; number++) {
		static const uint32_t arch[] = {NATIVE, OTHER, AUDIT_ARCH_I386};
		struct seccomp_data data = {.nr = number};

		for (size_t i = 0; i < countof(arch); i++) {
			uint32_t want;

			data.arch = arch[i];
			want = run(&plain, data);
			if (arch[i] == NATIVE && is_told(syscall_name(number)) && want == ALLOW)
				want = NOTIFY;
			if (arch[i] != AUDIT_ARCH_I386 || !request.x86)
				assert_int_equal(run(&program, data), want);
		}
#if defined __x86_64__
		data.arch = NATIVE;
		data.nr = number | 0x40000000;
		assert_int_equal(run(&program, data), run(&plain, data));
#endif
	}
}

static void test_numbers(void **state)
{
	static const char *const some[] = {"ptrace", "@inet", NULL}, *const less[] = {"execveat", "creat", NULL};
	static const enum filter_denied modes[] = {FILTER_ERRNO, FILTER_KILL, FILTER_NOTIFY};

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		for (size_t mode = 0; mode < countof(modes); mode++)
			check((struct filter_request) {
				.base = i & 1 ? FILTER_STRICT : FILTER_DEFAULT, .allow = i & 2 ? some : NULL,
				.deny = i & 4 ? less : NULL, .denied = modes[mode], .suid_open = i & 8, .bare = i & 16,
#if defined __x86_64__
				.x86 = i & 32,
#endif
			});
}

/* What the rules deny is denied, and never told as opened. */
static void test_rules(void **state)
{
	const struct filter_request request = {.suid_open = true, .record = true}, open = {.record = true};

	(void)state;
	assert_int_equal(ASK(&request, "openat", 0, 0, O_CREAT, 04755), DENY);
	assert_int_equal(ASK(&request, "openat", 0, 0, O_CREAT, 0755), NOTIFY);
	assert_int_equal(ASK(&request, "openat", 0, 0, O_RDONLY, 04755), NOTIFY);
	assert_int_equal(ASK(&open, "openat", 0, 0, O_CREAT, 04755), NOTIFY);
#if defined __x86_64__
	assert_int_equal(ASK(&request, "open", 0, O_CREAT, 02755, 0), DENY);
	assert_int_equal(ASK(&request, "open", 0, O_CREAT, 0755, 0), NOTIFY);
	assert_int_equal(ASK(&request, "creat", 0, 04755, 0, 0), DENY);
	assert_int_equal(ASK(&request, "creat", 0, 0755, 0, 0), NOTIFY);
#endif
	assert_int_equal(ASK(&request, "mkdirat", 0, 0, 0755, 0), ALLOW);
	assert_int_equal(ASK(&request, "openat2", 0, 0, 0, 0), ABSENT);
}

static void test_start(void **state)
{
	const struct filter_request request = {.record = true}, plain = {0};

	(void)state;
	assert_int_equal(ASK(&request, "execve", 0, 0, 0, PLAN_EXEC_MARK), ALLOW);
	assert_int_equal(ASK(&request, "execve", 0, 0, 0, 0), NOTIFY);
	assert_int_equal(ASK(&request, "execveat", 0, 0, 0, PLAN_EXEC_MARK), NOTIFY);
	assert_int_equal(ASK(&plain, "execve", 0, 0, 0, 0), ALLOW);
}

#if defined __x86_64__
static void test_x86(void **state)
{
	static const int told[] = {5, 8, 11, 295, 358}; /* open, creat, execve, openat, execveat */
	const struct filter_request request = {.x86 = true, .record = true};
	autostr struct str program = {0};

	(void)state;
	build(&request, &program);
	for (size_t i = 0; i < countof(told); i++)
		assert_int_equal(run(&program, (struct seccomp_data){.nr = told[i], .arch = AUDIT_ARCH_I386}), NOTIFY);
	assert_int_equal(run(&program, (struct seccomp_data){.nr = 3, .arch = AUDIT_ARCH_I386}), ALLOW);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_start),
#if defined __x86_64__
		cmocka_unit_test(test_x86),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
