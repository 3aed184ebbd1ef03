/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-outcome: which verdict wins where several facts hold, and the exit status of each. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "run/outcome.h"

/* Everything at once; the test takes away what has won. */
static void test_precedence(void **state)
{
	struct outcome out = {.exit_code = -1,
			      .signal = SIGXFSZ,
			      .oom_kills = 1,
			      .cpu = 11,
			      .wall = 21,
			      .processes_hits = 1,
			      .disk_full = true};
	struct outcome_limits limits = {
		.cpu = 10, .wall = 20, .syscall_kill = true, .killed = true, .kill_verdict = VERDICT_OUTPUT};

	(void)state;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_MEMORY);
	out.oom_kills = 0;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_OUTPUT);
	limits.kill_verdict = VERDICT_WALL_TIME;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_WALL_TIME);
	limits.killed = false;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_CPU_TIME);
	out.cpu = 10;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_WALL_TIME);
	out.wall = 20;
	out.signal = SIGSYS;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_SYSCALL);
	out.signal = SIGSEGV;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_PROCESSES);
	out.processes_hits = 0;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_DISK);
	out.disk_full = false;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_SIGNAL);
	out.signal = 0;
	out.exit_code = 1;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_EXIT);
	out.exit_code = 0;
	assert_int_equal(outcome_verdict(&out, &limits), VERDICT_OK);
}

static void test_hits(void **state)
{
	struct outcome out = {
		.cpu = 11, .wall = 20, .processes_hits = -1, .oom_kills = -1, .stream_truncated = {false, false, true}};
	struct outcome_limits limits = {.cpu = 10, .wall = 20};

	(void)state;
	assert_int_equal(outcome_hits(&out, &limits), 1U << VERDICT_CPU_TIME | 1U << VERDICT_OUTPUT);
	limits.killed = true;
	limits.kill_verdict = VERDICT_WALL_TIME;
	out.stream_truncated[2] = false;
	assert_int_equal(outcome_hits(&out, &limits), 1U << VERDICT_CPU_TIME | 1U << VERDICT_WALL_TIME);
	out = (struct outcome){.oom_kills = 1, .processes_hits = 1, .disk_full = true, .signal = SIGXFSZ};
	limits = (struct outcome_limits){.cpu = -1, .wall = -1};
	assert_int_equal(outcome_hits(&out, &limits),
			 1U << VERDICT_MEMORY | 1U << VERDICT_PROCESSES | 1U << VERDICT_DISK);
}

/* What the payload coped with is not held against it; without the limit a signal is only a signal; -1 is not known. */
static void test_no_blame(void **state)
{
	struct outcome coped = {
		.exit_code = 0, .processes_hits = 5, .disk_full = true, .cpu = -1, .wall = -1, .oom_kills = -1};
	struct outcome signal = {.exit_code = -1, .signal = SIGXFSZ, .cpu = INT64_MAX, .wall = INT64_MAX};
	const struct outcome_limits none = {.cpu = -1, .wall = -1}, zero = {.cpu = 0, .wall = 0};

	(void)state;
	assert_int_equal(outcome_verdict(&coped, &zero), VERDICT_OK);
	assert_int_equal(outcome_verdict(&signal, &none), VERDICT_SIGNAL);
	signal.signal = SIGSYS;
	assert_int_equal(outcome_verdict(&signal, &none), VERDICT_SIGNAL);
}

/* Those that the kernel sends at a limit can be raised by hand, and look the same. */
static void test_signals_of_limits(void **state)
{
	static const int signals[] = {SIGXFSZ, SIGXCPU, SIGKILL};
	const struct outcome_limits limits = {.cpu = 10, .wall = 20, .syscall_kill = true};

	(void)state;
	for (size_t i = 0; i < countof(signals); i++) {
		const struct outcome out = {.exit_code = -1, .signal = signals[i], .cpu = 10, .wall = 20};

		assert_int_equal(outcome_verdict(&out, &limits), VERDICT_SIGNAL);
		assert_int_equal(outcome_hits(&out, &limits), 0);
	}
}

enum { MS = 1000000 };

/* A second of a program with one thread, which had to wait for others as long as is said. */
static struct outcome busy(int64_t waited_ms, int64_t stolen_ms)
{
	return (struct outcome){.wall = 1000 * MS,
				.cpu = 500 * MS,
				.main_ran = 500 * MS,
				.throttled = -1,
				.waited = waited_ms < 0 ? -1 : waited_ms * MS,
				.stolen = stolen_ms < 0 ? -1 : stolen_ms * MS,
				.cpus = 2};
}

static void test_suspect(void **state)
{
	const struct outcome_limits cpu = {.cpu = 2000 * (int64_t)MS, .wall = -1}, wall = {.cpu = -1, .wall = 1},
				    none = {.cpu = -1, .wall = -1};
	static const struct {
		int64_t waited, stolen;
		int suspect;
	} rows[] = {
		{0, 0, 0},   {10, 0, 0},  {11, 0, 1},  {0, 20, 0},   {0, 30, 1},
		{-1, 30, 1}, {11, -1, 1}, {10, -1, 0}, {-1, -1, -1},
	};
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		out = busy(rows[i].waited, rows[i].stolen);
		assert_int_equal(outcome_suspect(&out, &cpu), rows[i].suspect);
		assert_int_equal(outcome_suspect(&out, &wall), rows[i].suspect);
		assert_int_equal(outcome_suspect(&out, &none), 0);
	}
	out = busy(15, 0); /* short: the floor */
	out.wall = 20 * MS;
	assert_int_equal(outcome_suspect(&out, &cpu), 1);
	out.waited = 9 * MS;
	assert_int_equal(outcome_suspect(&out, &cpu), 0);
	out.waited = 50 * MS; /* long: the share */
	out.wall = 6000 * (int64_t)MS;
	assert_int_equal(outcome_suspect(&out, &cpu), 0);
}

/* Waiting for what is its own is nobody's fault. */
static void test_not_suspect(void **state)
{
	const struct outcome_limits cpu = {.cpu = 2000 * (int64_t)MS, .wall = -1};
	struct outcome out = busy(490, 0);

	(void)state;
	out.main_ran = 10 * MS;
	assert_int_equal(outcome_suspect(&out, &cpu), 0);
	out.main_ran = 30 * MS;
	assert_int_equal(outcome_suspect(&out, &cpu), 1);
	out.throttled = 400 * MS;
	assert_int_equal(outcome_suspect(&out, &cpu), 0);
	out.stolen = -1;
	assert_int_equal(outcome_suspect(&out, &cpu), -1);
	out.throttled = 0; /* limits.cpu was not reached */
	assert_int_equal(outcome_suspect(&out, &cpu), 1);
}

static int status_of(enum verdict verdict, int exit_code, int signal, int exec_errno)
{
	const struct outcome out = {
		.verdict = verdict, .exit_code = exit_code, .signal = signal, .exec_errno = exec_errno};

	return outcome_status(&out);
}

static void test_status(void **state)
{
	(void)state;
	assert_int_equal(status_of(VERDICT_OK, 0, 0, 0), 0);
	assert_int_equal(status_of(VERDICT_EXIT, 7, 0, 0), 7);
	assert_int_equal(status_of(VERDICT_SIGNAL, -1, SIGKILL, 0), 137);
	assert_int_equal(status_of(VERDICT_SYSCALL, -1, SIGSYS, 0), 128 + SIGSYS);
	assert_int_equal(status_of(VERDICT_CPU_TIME, -1, SIGKILL, 0), 124);
	assert_int_equal(status_of(VERDICT_WALL_TIME, -1, SIGKILL, 0), 124);
	assert_int_equal(status_of(VERDICT_WALL_TIME, 0, 0, 0), 124);
	assert_int_equal(status_of(VERDICT_MEMORY, 0, 0, 0), 123);
	assert_int_equal(status_of(VERDICT_OUTPUT, -1, SIGKILL, 0), 123);
	assert_int_equal(status_of(VERDICT_SIGNAL, -1, SIGXFSZ, 0), 128 + SIGXFSZ);
	assert_int_equal(status_of(VERDICT_PROCESSES, 3, 0, 0), 3);
	assert_int_equal(status_of(VERDICT_DISK, 1, 0, 0), 1);
	assert_int_equal(status_of(VERDICT_INTERNAL, -1, 0, ENOENT), 127);
	assert_int_equal(status_of(VERDICT_INTERNAL, -1, 0, ENOTDIR), 127);
	assert_int_equal(status_of(VERDICT_INTERNAL, -1, 0, EACCES), 126);
	assert_int_equal(status_of(VERDICT_INTERNAL, -1, 0, ENOEXEC), 126);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_hits),
		cmocka_unit_test(test_no_blame),   cmocka_unit_test(test_signals_of_limits),
		cmocka_unit_test(test_suspect),    cmocka_unit_test(test_not_suspect),
		cmocka_unit_test(test_status),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
