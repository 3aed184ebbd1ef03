/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-doctor-grading: machines that are made up, and what is found on them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ctl/doctor.h"
#include "tests/unit/own-folder.h"

/* Makes a file of that path below the test's folder, and the folders above it. */
static void put_deep(const char *path, const char *text)
{
	autofree char *all = xasprintf("%s%s", folder, path);

	for (char *slash = strchr(all + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(all, 0700) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
	put(path + 1, text);
}

/* Is there a line of this state for this layer, that has `text`? */
static void check(const char *state, const char *layer, const char *text)
{
	struct doctor d = {0};
	autofree char *start = xasprintf("%-9s %-12s ", state, layer);
	bool found = false;

	doctor_grading(&d, folder, 1000000);
	for (char *line = strtok(d.out.s, "\n"); line; line = strtok(NULL, "\n"))
		found |= str_starts(line, start) && strstr(line, text);
	if (!found)
		fail_msg("no '%s%s'", start, text);
	assert_int_equal(d.bad, 0);
	str_done(&d.out);
}

static void test_good(void **state)
{
	(void)state;
	put_deep("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	put_deep("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
	put_deep("/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
	put_deep("/sys/devices/system/cpu/smt/active", "0\n");
	put_deep("/proc/sys/kernel/randomize_va_space", "0\n");
	put_deep("/proc/sys/kernel/core_pattern", "core\n");
	put_deep("/proc/swaps", "Filename Type Size Used Priority\n");
	put_deep("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	put_deep("/sys/kernel/mm/ksm/run", "0\n");
	put_deep("/proc/stat", "cpu  10 0 10 1000 0 0 0 0 0 0\n");
	check("ok", "governor", "highest");
	check("ok", "turbo", "never rises");
	check("ok", "smt", "no two");
	check("ok", "aslr", "same");
	check("ok", "core dumps", "no program");
	check("ok", "swap", "none");
	check("ok", "huge pages", "ask");
	check("ok", "ksm", "not merged");
	check("ok", "neighbours", "0.0 % is used");
}

static void test_bad(void **state)
{
	(void)state;
	put_deep("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	put_deep("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
	put_deep("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "4000000\n");
	put_deep("/sys/devices/system/cpu/cpu1/cpufreq/cpuinfo_max_freq", "3000000\n");
	put_deep("/sys/devices/system/cpu/cpufreq/boost", "1\n");
	put_deep("/sys/devices/system/cpu/smt/active", "1\n");
	put_deep("/proc/sys/kernel/randomize_va_space", "2\n");
	put_deep("/proc/sys/kernel/core_pattern", "|/usr/share/apport\n");
	put_deep("/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
	put_deep("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
	put_deep("/sys/kernel/mm/ksm/run", "1\n");
	check("optional", "governor", "load");
	check("optional", "turbo", "rises");
	check("optional", "smt", "share a core");
	check("optional", "cores", "differ");
	check("optional", "aslr", "differ");
	check("optional", "core dumps", "reads each");
	check("optional", "swap", "swap space");
	check("optional", "huge pages", "depends");
	check("optional", "ksm", "merged");
	check("optional", "neighbours", "can't be read");
}

static void test_nothing(void **state)
{
	(void)state;
	check("ok", "governor", "virtual machine");
	check("ok", "turbo", "nothing here");
	check("ok", "smt", "nothing tells");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_bad, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_nothing, make_folder, remove_folder),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
