/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-gate-cgroup: what the gate takes for a limit of the administrator's, on folders that look like groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gate/cgroup.c"

#include "base/fd.h"
#include "tests/unit/own-folder.h"

/* Of a group for which nothing was set, with all controllers of Linux 6.18. */
static const char *const plain[][2] = {
	{"cgroup.max.depth", "max\n"},
	{"cgroup.max.descendants", "max\n"},
	{"cpu.idle", "0\n"},
	{"cpu.max", "max 100000\n"},
	{"cpu.max.burst", "0\n"},
	{"cpu.uclamp.max", "max\n"},
	{"cpu.uclamp.min", "0.00\n"},
	{"cpu.weight", "100\n"},
	{"cpu.weight.nice", "0\n"},
	{"cpuset.cpus", "\n"},
	{"cpuset.cpus.effective", "0-1\n"},
	{"cpuset.cpus.partition", "member\n"},
	{"cpuset.mems", "\n"},
	{"dmem.max", "drm/0000:03:00.0/vram0 max\n"},
	{"hugetlb.2MB.max", "max\n"},
	{"hugetlb.2MB.rsvd.max", "max\n"},
	{"io.bfq.weight", "default 100\n"},
	{"io.max", ""},
	{"io.prio.class", "no-change\n"},
	{"io.weight", "default 100\n"},
	{"memory.high", "max\n"},
	{"memory.max", "max\n"},
	{"memory.swap.high", "max\n"},
	{"memory.swap.max", "max\n"},
	{"memory.zswap.max", "max\n"},
	{"misc.max", "sev max\nsev_es max\n"},
	{"pids.max", "max\n"},
	{"rdma.max", "mlx4_0 hca_handle=max hca_object=max\n"},
};

static bool limited(void)
{
	int group = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool limited = is_limited(group);

	assert_int_equal(close(group), 0);
	return limited;
}

static void test_plain(void **state)
{
	(void)state;
	assert_false(limited()); /* a group without any file, as of a v1 controller's */
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		put(plain[i][0], plain[i][1]);
	assert_false(limited());
}

static void test_set(void **state)
{
	static const char *const set[][2] = {
		{"cgroup.max.descendants", "10\n"},
		{"cgroup.max.depth", "0\n"},
		{"cpu.idle", "1\n"},
		{"cpu.max", "50000 100000\n"},
		{"cpu.uclamp.max", "50.00\n"},
		{"cpu.weight", "1\n"},
		{"cpu.weight", "1000\n"},
		{"cpuset.cpus", "0\n"},
		{"cpuset.cpus.partition", "root\n"},
		{"cpuset.mems", "0\n"},
		{"dmem.max", "drm/0000:03:00.0/vram0 1048576\n"},
		{"hugetlb.2MB.max", "0\n"},
		{"hugetlb.1GB.rsvd.max", "1073741824\n"},
		{"io.bfq.weight", "default 10\n"},
		{"io.latency", "8:16 target=10\n"},
		{"io.max", "8:16 rbps=2097152 wbps=max riops=max wiops=max\n"},
		{"io.prio.class", "idle\n"},
		{"io.weight", "default 10\n"},
		{"io.weight", "default 100\n8:16 10\n"},
		{"memory.high", "1048576\n"},
		{"memory.max", "1048576\n"},
		{"memory.swap.high", "1048576\n"},
		{"memory.swap.max", "0\n"},
		{"memory.zswap.max", "0\n"},
		{"misc.max", "sev max\nsev_es 5\n"},
		{"pids.max", "100\n"},
		{"rdma.max", "mlx4_0 hca_handle=2 hca_object=max\n"},
		{"rdma.max", "mlx4_0 hca_handle=max hca_object=max\nmlx5_0 hca_handle=max hca_object=7\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		put(plain[i][0], plain[i][1]);
	for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
		autofree char *path = below(set[i][0]);

		put(set[i][0], set[i][1]);
		if (!limited())
			fail_msg("%s: %s is no limit", set[i][0], set[i][1]);
		assert_int_equal(unlink(path), 0);
		assert_false(limited());
	}
}

/* What can't be read, or is too long to be looked at, is taken for a limit. */
static void test_unknown(void **state)
{
	autofree char *path = below("pids.max");
	char text[2000];

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(limited());
	assert_int_equal(rmdir(path), 0);
	memset(text, 'm', sizeof text);
	text[sizeof text - 1] = '\0';
	put("misc.max", text);
	assert_true(limited());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_set, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_unknown, make_folder, remove_folder),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gate-cgroup", tests, NULL, NULL);
}
