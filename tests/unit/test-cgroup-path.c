/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of the formats of cgroups: host/cgroup-path, and what run/cgroup-files takes as written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "host/cgroup-path.h"
#include "run/cgroup-files.h"

static const char mounts[] =
	"20 1 0:30 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
	"21 20 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
	"22 20 0:32 /box /sys/fs/cgroup/me\\040mory rw - cgroup cgroup rw,memory\n"
	"23 20 0:33 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
static const char cgroups[] = "5:memory:/box/inner\n4:name=systemd:/a\n3:cpu,cpuacct:/job\n0::/user:x/leaf\n";

static void check_folder(const char *controller, const char *own, const char *expected)
{
	autofree char *folder = cgroup_folder(own, mounts, controller, NULL);

	if (expected)
		assert_string_equal(folder ? folder : "(none)", expected);
	else
		assert_null(folder);
}

static void test_folder(void **state)
{
	autofree char *mount = NULL, *folder = cgroup_folder(cgroups, mounts, NULL, &mount);

	(void)state;
	assert_string_equal(folder, "/sys/fs/cgroup/unified/user:x/leaf");
	assert_string_equal(mount, "/sys/fs/cgroup/unified");
	check_folder("cpu", cgroups, "/sys/fs/cgroup/cpu,cpuacct/job");
	check_folder("cpuacct", cgroups, "/sys/fs/cgroup/cpu,cpuacct/job");
	check_folder("memory", cgroups, "/sys/fs/cgroup/me mory/inner");
	check_folder("memory", "5:memory:/box\n", "/sys/fs/cgroup/me mory");
	check_folder(NULL, "0::/\n", "/sys/fs/cgroup/unified");
}

static void test_no_folder(void **state)
{
	(void)state;
	check_folder("memory", "5:memory:/boxer\n", NULL);    /* not below what is mounted */
	check_folder("memory", "5:memory:/../other\n", NULL); /* above the cgroup namespace */
	check_folder("pids", cgroups, NULL);
	check_folder("acct", cgroups, NULL); /* part of a name */
	check_folder(NULL, "5:memory:/box\n", NULL);
	check_folder(NULL, "", NULL);
}

static void test_accepted(void **state)
{
	long page = sysconf(_SC_PAGESIZE);
	autofree char *odd = xasprintf("%ld", page * 5 + 17), *even = xasprintf("%ld", page * 5);
	autofree char *less = xasprintf("%ld", page * 4), *more = xasprintf("%ld", page * 6);

	(void)state;
	assert_true(cgroup_accepted(odd, even));
	assert_false(cgroup_accepted(odd, less));
	assert_false(cgroup_accepted(odd, more));
	assert_false(cgroup_accepted(odd, "max"));
	assert_true(cgroup_accepted("0,1,3", "0-1,3"));
	assert_false(cgroup_accepted("0,1,3", "0-1"));
	assert_true(cgroup_accepted("20000 100000", "20000 100000"));
	assert_false(cgroup_accepted("20000 100000", "max 100000"));
	assert_true(cgroup_accepted("8:0 wbps=100", "7:0 rbps=1\n8:0 rbps=max wbps=100 riops=max"));
	assert_false(cgroup_accepted("8:0 wbps=100", "8:0 rbps=max wbps=1000"));
	assert_false(cgroup_accepted("8:0 wbps=100", "8:01 wbps=100"));
	assert_false(cgroup_accepted("8:0 100", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_accepted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cgroup-path", tests, NULL, NULL);
}
