/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of compile/limits: which steps keep which limit on which host, and what is refused. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/mem.h"
#include "compile/context.h"
#include "compile/limits.h"

struct fixture {
	struct policy policy;
	struct host host;
	struct plan plan;
	struct context c;
	struct err e;
	int r;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	struct variables vars = {.home = "/home/me", .cwd = "/home/me/src"};

	assert_int_equal(policy_defaults(&f->policy, &vars, &f->e), 0);
	f->host = (struct host){.uid = 1000,
				.euid = 1000,
				.cwd = xstrdup("/home/me/src"),
				.nofile = 1024,
				.helper_folder = xstrdup("/libexec")};
	f->c = (struct context){.policy = &f->policy, .host = &f->host, .plan = &f->plan};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < CG_CONTROLLERS; i++)
		free(f->host.cgroup[i].folder);
	free(f->host.cwd);
	free(f->host.helper_folder);
	policy_done(&f->policy);
	plan_done(&f->plan);
	free(f);
	return 0;
}

/* All controllers; on v1 each has its own hierarchy but for cpu and cpuacct. */
static void give(struct fixture *f, enum cgroup_kind kind)
{
	static const char *const v1[] = {"/cg/memory/a", "/cg/pids/a",   "/cg/cpu/a",
					 "/cg/cpu/a",    "/cg/cpuset/a", "/cg/blkio/a"};

	for (int i = 0; i < CG_CONTROLLERS; i++) {
		free(f->host.cgroup[i].folder);
		f->host.cgroup[i] = (struct cgroup_place){.kind = kind, .swap = i == CG_MEMORY};
		if (kind == CGROUP_V1 || kind == CGROUP_V2)
			f->host.cgroup[i].folder = xstrdup(kind == CGROUP_V1 ? v1[i] : "/cg/own");
	}
}

static void want(struct fixture *f, enum setting_id id, const char *text)
{
	struct variables vars = {.home = "/home/me", .cwd = "/home/me/src"};

	if (policy_set(&f->policy, id, text, (struct origin){.file = "test.ini", .line = 7}, &vars, &f->e) < 0)
		fail_msg("%s", f->e.text);
}

static void check(struct fixture *f, const char *expected)
{
	autostr struct str got = {0};

	f->r = compile_limits(&f->c, &f->e);
	if (f->r < 0)
		fail_msg("%s", f->e.text);
	for (size_t i = 0; i < f->plan.count; i++) {
		const struct step *step = &f->plan.step[i];

		str_addf(&got, "%s|%s|%s|%" PRId64 "\n", step_info[step->kind].name, plan_text(&f->plan, step->a),
			 plan_text(&f->plan, step->b), (int64_t)step->n);
		assert_true(*plan_text(&f->plan, step->why) != '\0');
	}
	assert_string_equal(got.s, expected);
}

static void check_refused(struct fixture *f, const char *text)
{
	f->r = compile_limits(&f->c, &f->e);
	assert_true(f->r < 0);
	if (!strstr(f->e.text, text) || !str_starts(f->e.text, "test.ini:7"))
		fail_msg("'%s' lacks the origin or '%s'", f->e.text, text);
}

#define CORE "rlimit|core|4|0\n" /* the default of the table */

static void test_none(void **state)
{
	check(*state, CORE);
}

static void test_v2(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_V2);
	want(f, SET_limits_memory, "64M");
	want(f, SET_limits_processes, "10");
	want(f, SET_limits_cpu, "150");
	want(f, SET_limits_cpus, "0-1");
	want(f, SET_limits_cpu_time, "2s");
	check(f, "cgroup|/cg/own|2|31\n"
		 "cgroup-set|memory.max|67108864|0\n"
		 "cgroup-set|memory.swap.max|0|0\n"
		 "cgroup-set|memory.oom.group|1|0\n"
		 "cgroup-set|pids.max|11|0\n"
		 "cgroup-set|cpu.max|150000 100000|0\n"
		 "cgroup-set|cpuset.cpus|0-1|0\n"
		 "cpu-time|||2000000000\n" CORE);
}

static void test_v1(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_V1);
	want(f, SET_limits_memory, "64M");
	want(f, SET_limits_swap, "1M");
	want(f, SET_limits_processes, "10");
	want(f, SET_limits_cpu, "50");
	want(f, SET_limits_cpu_time, "1s");
	check(f, "cgroup|/cg/memory/a|1|1\n"
		 "cgroup|/cg/pids/a|1|2\n"
		 "cgroup|/cg/cpu/a|1|12\n"
		 "cgroup-set|memory.limit_in_bytes|67108864|0\n"
		 "cgroup-set|memory.memsw.limit_in_bytes|68157440|0\n"
		 "cgroup-set|pids.max|11|1\n"
		 "cgroup-set|cpu.cfs_period_us|100000|2\n"
		 "cgroup-set|cpu.cfs_quota_us|50000|2\n"
		 "cpu-time|||1000000000\n" CORE);
}

static void test_scope(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_SCOPE);
	want(f, SET_limits_memory, "64M");
	want(f, SET_limits_processes, "10");
	check(f, "cgroup|/libexec/sbx-scope|scope|3\n"
		 "cgroup-set|memory.max|67108864|0\n"
		 "cgroup-set|memory.swap.max|0|0\n"
		 "cgroup-set|memory.oom.group|1|0\n"
		 "cgroup-set|pids.max|11|0\n" CORE);
}

static void test_no_cgroup(void **state)
{
	struct fixture *f = *state;

	want(f, SET_limits_processes, "10");
	want(f, SET_limits_cpus, "0");
	assert_true(limits_by_affinity(&f->policy, &f->host));
	check(f, "rlimit|nproc|6|10\naffinity|0||0\n" CORE);
	give(f, CGROUP_V2);
	assert_false(limits_by_affinity(&f->policy, &f->host));
}

static void test_memory_refused(void **state)
{
	struct fixture *f = *state;

	want(f, SET_limits_memory, "64M");
	check_refused(f, "limits.memory");
	assert_non_null(strstr(f->e.hint, "--best-effort=limits"));
}

static void test_cpu_refused(void **state)
{
	want(*state, SET_limits_cpu, "50");
	check_refused(*state, "limits.cpu");
}

static void test_cpu_time_refused(void **state)
{
	struct fixture *f = *state;

	want(f, SET_limits_cpu_time, "1s");
	check_refused(f, "limits.cpu-time");
	want(f, SET_profile_best_effort, "limits");
	plan_done(&f->plan);
	assert_int_equal(compile_limits(&f->c, &f->e), 0);
	assert_int_equal(plan_find(&f->plan, STEP_CPU_TIME)->n, 1000000000);
	assert_non_null(plan_find(&f->plan, STEP_SKIP));
}

static void test_hard(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_V2);
	want(f, SET_limits_cpu_time, "1s");
	want(f, SET_limits_cpu_time_hard, "2s");
	want(f, SET_limits_wall_time, "3s");
	assert_int_equal(compile_limits(&f->c, &f->e), 0);
	assert_int_equal(plan_find(&f->plan, STEP_CPU_TIME)->n, 1000000000);
	assert_int_equal(plan_find(&f->plan, STEP_CPU_TIME)->m, 2000000000);
	assert_int_equal(plan_find(&f->plan, STEP_WALL_TIME)->n, 3000000000);
	assert_int_equal(plan_find(&f->plan, STEP_WALL_TIME)->m, 3000000000);
}

static void test_processes_of_root(void **state)
{
	struct fixture *f = *state;

	f->host.uid = f->host.euid = 0;
	want(f, SET_limits_processes, "10");
	check_refused(f, "limits.processes");
}

static void test_best_effort(void **state)
{
	struct fixture *f = *state;
	const struct step *skip, *data;

	want(f, SET_profile_best_effort, "limits");
	want(f, SET_limits_memory, "64M");
	assert_int_equal(compile_limits(&f->c, &f->e), 0);
	skip = plan_find(&f->plan, STEP_SKIP);
	data = plan_find(&f->plan, STEP_RLIMIT);
	assert_non_null(skip);
	assert_string_equal(plan_text(&f->plan, skip->a), "limits");
	assert_string_equal(plan_text(&f->plan, data->a), "data");
	assert_int_equal(data->n, 64 << 20);
}

static void test_uncounted_swap(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_V1);
	f->host.cgroup[CG_MEMORY].swap = false;
	f->host.swap_on = true;
	want(f, SET_limits_memory, "64M");
	check_refused(f, "swap");
}

static void test_each_process(void **state)
{
	struct fixture *f = *state;

	want(f, SET_limits_file_size, "1M");
	want(f, SET_limits_open_files, "1024");
	want(f, SET_limits_stack, "0");
	want(f, SET_limits_locked_memory, "0");
	want(f, SET_limits_address_space, "1G");
	want(f, SET_limits_core, "1K");
	want(f, SET_limits_wall_time, "1.5s");
	want(f, SET_limits_output_size, "10K");
	check(f, "wall-time|||1500000000\noutput-size|||10240\n"
		 "rlimit|fsize|1|1048576\nrlimit|nofile|7|1024\nrlimit|stack|3|-1\nrlimit|core|4|1024\nrlimit|memlock|"
		 "8|0\nrlimit|as|9|1073741824\n");
}

static void test_open_files_above_hard(void **state)
{
	want(*state, SET_limits_open_files, "1025");
	check_refused(*state, "1024");
}

static void test_io(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_V2);
	(void)snprintf(f->host.io_disk, sizeof f->host.io_disk, "8:0");
	want(f, SET_limits_io_read, "1M");
	want(f, SET_limits_io_write, "2M");
	check(f,
	      "cgroup|/cg/own|2|32\ncgroup-set|io.max|8:0 rbps=1048576|0\ncgroup-set|io.max|8:0 wbps=2097152|0\n" CORE);
}

static void test_io_v1(void **state)
{
	struct fixture *f = *state;

	give(f, CGROUP_V1);
	(void)snprintf(f->host.io_disk, sizeof f->host.io_disk, "8:0");
	want(f, SET_limits_io_write, "2M");
	check(f, "cgroup|/cg/blkio/a|1|32\ncgroup-set|blkio.throttle.write_bps_device|8:0 2097152|0\n" CORE);
}

static void test_io_without_disk(void **state)
{
	give(*state, CGROUP_V2);
	want(*state, SET_limits_io_read, "1M");
	check_refused(*state, "no single disk");
}

static void test_disk(void **state)
{
	struct fixture *f = *state;

	want(f, SET_limits_disk, "1M");
	want(f, SET_filesystem_read_write, "/srv/data");
	f->c.host_writable = false;
	assert_int_equal(compile_limits(&f->c, &f->e), 0);
	f->c.host_writable = true;
	check_refused(f, "/srv/data");
	assert_non_null(strstr(f->e.text, "limits.disk"));
}

static void test_use_cgroups(void **state)
{
	struct fixture *f = *state;

	want(f, SET_limits_wall_time, "1s");
	assert_false(limits_use_cgroups(&f->policy));
	want(f, SET_limits_cpu_time, "1s");
	assert_true(limits_use_cgroups(&f->policy));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_none),
		T(test_v2),
		T(test_v1),
		T(test_scope),
		T(test_no_cgroup),
		T(test_memory_refused),
		T(test_cpu_refused),
		T(test_processes_of_root),
		T(test_cpu_time_refused),
		T(test_hard),
		T(test_best_effort),
		T(test_uncounted_swap),
		T(test_each_process),
		T(test_open_files_above_hard),
		T(test_io),
		T(test_io_v1),
		T(test_io_without_disk),
		T(test_disk),
		T(test_use_cgroups),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
