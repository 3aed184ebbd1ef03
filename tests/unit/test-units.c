/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-units: numbers, sizes and times; the whole text or nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/units.h"

static const char *const not_numbers[] = {"",    " ",   "1 ", " 1",     "+1",  "-1", "0x10",
					  "1e9", "1.0", "1K", "\u0661", "1,0", "a",  "1\n"};

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, number;
	} rows[] = {
		{"0", 0, 0},
		{"00", 0, 0},
		{"3", 3, 3},
		{"9", 9, 9},
		{"007", 8, 7},
		{"65535", 65535, 65535},
		{"4294967295", UINT32_MAX, UINT32_MAX},
		{"4294967296", UINT64_MAX, UINT64_C(4294967296)},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX},
	};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		uint64_t number = 77;

		assert_int_equal(units_number(rows[i].text, rows[i].max, &number, &e), 0);
		assert_true(number == rows[i].number);
	}
}

static void test_numbers_too_large(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
	} rows[] = {
		{"1", 0},
		{"2", 1},
		{"9", 8},
		{"10", 8},
		{"10", 9},
		{"4294967296", UINT32_MAX},
		{"18446744073709551615", UINT64_MAX - 1},
		{"18446744073709551616", UINT64_MAX},
		{"99999999999999999999999", UINT64_MAX},
	};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		uint64_t number = 77;

		assert_int_equal(units_number(rows[i].text, rows[i].max, &number, &e), -ERANGE);
		assert_true(number == 77);
	}
}

static void test_not_numbers(void **state)
{
	struct err e = {0};
	uint64_t number = 77;

	(void)state;
	for (size_t i = 0; i < countof(not_numbers); i++)
		for (uint64_t max = 0; max < 12; max++)
			assert_int_equal(units_number(not_numbers[i], UINT64_MAX - max, &number, &e), -EINVAL);
	assert_true(number == 77);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{"0", 0},
		{"1", 1},
		{"1K", 1024},
		{"256M", UINT64_C(256) << 20},
		{"1G", UINT64_C(1) << 30},
		{"2T", UINT64_C(2) << 40},
		{"4194304T", UINT64_C(1) << 62},
		{"4611686018427387904", UINT64_C(1) << 62},
	};
	static const char *const large[] = {"4194305T", "4611686018427387905", "18446744073709551616"};
	static const char *const wrong[] = {"1k", "1KB",  "1KiB", "K",   "1 K", "-1",
					    "+1", "1.5G", "0x10", "1e9", "",    "1P"};
	struct err e = {0};
	uint64_t bytes = 0;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		assert_int_equal(units_size(rows[i].text, &bytes, &e), 0);
		assert_true(bytes == rows[i].bytes);
	}
	for (size_t i = 0; i < countof(large); i++)
		assert_int_equal(units_size(large[i], &bytes, &e), -ERANGE);
	for (size_t i = 0; i < countof(wrong); i++)
		assert_int_equal(units_size(wrong[i], &bytes, &e), -EINVAL);
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} rows[] = {
		{"0", 0},
		{"1", UINT64_C(1000000000)},
		{"1.5", UINT64_C(1500000000)},
		{"0.000000001s", 1},
		{"250ms", UINT64_C(250000000)},
		{"0.5ms", UINT64_C(500000)},
		{"2min", UINT64_C(120000000000)},
		{"0.333333333min", UINT64_C(19999999980)},
		{"1h", UINT64_C(3600000000000)},
		{"1000000000", UINT64_C(1000000000000000000)},
		{"1000000000000ms", UINT64_C(1000000000000000000)},
		{"277777.77h", UINT64_C(999999972000000000)},
		{"16666666.5min", UINT64_C(999999990000000000)},
	};
	static const char *const large[] = {"1000000001",        "1000000000.1",          "277778h",
					    "277777.777777778h", "16666666.666666667min", "1000000000000.0000001ms",
					    "1000000000001ms",   "18446744073709551616"};
	static const char *const wrong[] = {"",   "1 s", "s",  "1.", ".5",  "1.0000000001",
					    "-1", "+1s", "1m", "1S", "1e9", "1.5.5"};
	struct err e = {0};
	uint64_t ns = 0;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		assert_int_equal(units_time(rows[i].text, &ns, &e), 0);
		assert_true(ns == rows[i].ns);
	}
	for (size_t i = 0; i < countof(large); i++)
		assert_int_equal(units_time(large[i], &ns, &e), -ERANGE);
	for (size_t i = 0; i < countof(wrong); i++)
		assert_int_equal(units_time(wrong[i], &ns, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),     cmocka_unit_test(test_numbers_too_large),
		cmocka_unit_test(test_not_numbers), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
