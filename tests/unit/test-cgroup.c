/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of host/cgroup and run/cgroup, with groups of this machine where it lets us make some. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "host/host.h"
#include "run/cgroup-files.h"

enum { MIB = 1 << 20, MEMORY = 32 * MIB, PROCESSES = 4, SPIN = 1, SPIN_NS = 400000000 };

/* The caller's places, read for real. */
static void read_host(struct host *host)
{
	struct err e = {0};

	*host = (struct host){.uid = getuid(),
			      .euid = geteuid(),
			      .runtime = getenv("XDG_RUNTIME_DIR"),
			      .helper_folder = getenv("SBX_HELPERS")};
	if (host_read_cgroups(host, &e) < 0)
		fail_msg("%s", e.text);
}

static void free_host(struct host *host)
{
	for (int i = 0; i < CG_CONTROLLERS; i++)
		free(host->cgroup[i].folder);
}

static void add_group(struct plan *plan, const struct cgroup_place *place, uint64_t bits)
{
	static const char *const kinds[] = {[CGROUP_V2] = "2", [CGROUP_V1] = "1", [CGROUP_SCOPE] = "scope"};
	autofree char *helper = xasprintf("%s/sbx-scope", getenv("SBX_HELPERS") ? getenv("SBX_HELPERS") : "");

	(void)plan_add(plan, STEP_CGROUP, "test", place->folder ? place->folder : helper, kinds[place->kind], bits, 0);
}

static bool has_places(void)
{
	struct host host;
	bool has;

	read_host(&host);
	has = host.cgroup[CG_MEMORY].kind != CGROUP_NONE && host.cgroup[CG_PIDS].kind != CGROUP_NONE;
	free_host(&host);
	return has;
}

/* Memory and processes; in one group on v2, in two on v1. */
static void make_plan(struct plan *plan, const char *memory)
{
	struct host host;
	const struct cgroup_place *place = host.cgroup;
	size_t second = 0;

	read_host(&host);
	if (place[CG_MEMORY].kind == CGROUP_V1) {
		add_group(plan, &place[CG_MEMORY], GROUP_MEMORY);
		add_group(plan, &place[CG_PIDS], GROUP_PIDS);
		second = 1;
		(void)plan_add(plan, STEP_CGROUP_SET, "test", "memory.limit_in_bytes", memory, 0, 0);
		if (place[CG_MEMORY].swap)
			(void)plan_add(plan, STEP_CGROUP_SET, "test", "memory.memsw.limit_in_bytes", memory, 0, 0);
	} else {
		add_group(plan, &place[CG_MEMORY], GROUP_MEMORY | GROUP_PIDS);
		(void)plan_add(plan, STEP_CGROUP_SET, "test", "memory.max", memory, 0, 0);
		(void)plan_add(plan, STEP_CGROUP_SET, "test", "memory.oom.group", "1", 0, 0);
	}
	(void)plan_add(plan, STEP_CGROUP_SET, "test", "pids.max", "5", second, 0);
	free_host(&host);
}

static void touch(size_t size)
{
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
}

/* The number of forks that succeed, of ten. */
static int count_forks(void)
{
	int forks = 0;

	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			(void)pause();
			_exit(0);
		}
		forks += pid > 0;
	}
	return forks;
}

/* Uses all the processor time that it gets. Returns the number of processors that it may use. */
static int spin(void)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + SPIN_NS;
	cpu_set_t set;

	while (clock_ns(CLOCK_MONOTONIC) < until)
		;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

/* Starts a child in the groups: it waits for a byte on `go`, then uses memory, or processes if `memory` is 0, or
 * processor time if it is SPIN. Returns its pid. */
static pid_t start_in(const struct cgroups *groups, size_t memory, int *ret_go)
{
	int fd = cgroups_clone_fd(groups), go[2];
	struct sys_clone_args args = {.exit_signal = SIGCHLD, .flags = fd >= 0 ? CLONE_INTO_CGROUP : 0};
	struct err e = {0};
	char byte;
	pid_t pid;

	args.cgroup = fd >= 0 ? (uint64_t)fd : 0;
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0) {
		(void)close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(99);
		if (memory == SPIN)
			_exit(spin());
		touch(memory);
		_exit(memory ? 0 : count_forks());
	}
	(void)close(go[0]);
	if (pid < 0)
		fail_msg("clone3: %s", strerror(errno));
	if (cgroups_attach(groups, pid, &e) < 0)
		fail_msg("%s", e.text);
	*ret_go = go[1];
	return pid;
}

static int end_of(pid_t pid, int go)
{
	int status;

	assert_int_equal(write(go, "", 1), 1);
	(void)close(go);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void create(const struct plan *plan, struct cgroups *groups)
{
	struct err e = {0};

	if (cgroups_create(plan, groups, &e) < 0)
		fail_msg("%s", e.text);
}

static void remove_all(struct cgroups *groups)
{
	struct err e = {0};

	if (cgroups_remove(groups, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(groups->count, 0);
}

static void run_memory(size_t used, bool killed)
{
	struct plan plan = {0};
	struct cgroups groups;
	struct cgroup_usage usage;
	int status, go;
	autofree char *limit = xasprintf("%d", MEMORY + 17);
	pid_t pid;

	make_plan(&plan, limit);
	create(&plan, &groups);
	pid = start_in(&groups, used, &go);
	status = end_of(pid, go);
	cgroups_usage(&groups, &usage);
	assert_int_equal(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, killed);
	assert_int_equal(usage.oom_kills > 0, killed);
	if (groups.oom >= 0) {
		struct pollfd event = {.fd = groups.oom, .events = POLLIN};

		if (killed) {
			assert_int_equal(poll(&event, 1, 2000), 1);
			assert_true(cgroups_out_of_memory(&groups));
		} else
			assert_int_equal(poll(&event, 1, 0), 0);
	}
	if (usage.memory_peak >= 0) /* not known before Linux 5.19 on v2 */
		assert_in_range(usage.memory_peak, killed ? MEMORY / 2 : used, MEMORY + 17);
	remove_all(&groups);
	plan_done(&plan);
}

static void test_memory_within(void **state)
{
	(void)state;
	run_memory(MEMORY / 4, false);
}

static void test_memory_over(void **state)
{
	(void)state;
	run_memory(2 * (size_t)MEMORY, true);
}

static void test_processes(void **state)
{
	struct plan plan = {0};
	struct cgroups groups;
	struct cgroup_usage usage;
	int status, go;
	pid_t pid;

	(void)state;
	make_plan(&plan, "67108864");
	create(&plan, &groups);
	pid = start_in(&groups, 0, &go);
	status = end_of(pid, go);
	cgroups_usage(&groups, &usage);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), PROCESSES);
	assert_true(usage.processes_hits > 0);
	if (usage.processes_peak >= 0)
		assert_int_equal(usage.processes_peak, PROCESSES);
	for (size_t i = 0; i < groups.count; i++) { /* as the end of a pid namespace would */
		char list[4096] = "";

		(void)!fd_read_file(groups.group[i].folder, "cgroup.procs", list, sizeof list);
		for (char *save = NULL, *p = strtok_r(list, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
			(void)kill((pid_t)strtol(p, NULL, 10), SIGKILL);
	}
	remove_all(&groups);
	plan_done(&plan);
}

/* Number of groups of this process below `folder`. */
static int count_own(const char *folder)
{
	autofree char *command = xasprintf("sbx-%d-0", getpid()), *path = xasprintf("%s/%s", folder, command);

	return access(path, F_OK) == 0;
}

static void test_undone(void **state)
{
	struct plan plan = {0};
	struct cgroups groups;
	struct err e = {0};
	autofree char *folder = NULL;

	(void)state;
	make_plan(&plan, "67108864");
	folder = xstrdup(plan_text(&plan, plan.step[0].a));
	create(&plan, &groups);
	if (groups.scope < 0)
		assert_int_equal(count_own(folder), 1);
	remove_all(&groups);
	(void)plan_add(&plan, STEP_CGROUP_SET, "this line", "pids.max", "none", 0, 0);
	assert_true(cgroups_create(&plan, &groups, &e) < 0);
	assert_non_null(strstr(e.text, "this line"));
	assert_non_null(strstr(e.text, "pids.max"));
	assert_int_equal(groups.count, 0);
	assert_int_equal(count_own(folder), 0);
	plan_done(&plan);
}

static void check_refused(const char *folder, const char *kind, const char *file, const char *text)
{
	struct plan plan = {0};
	struct cgroups groups;
	struct err e = {0};

	(void)plan_add(&plan, STEP_CGROUP, "test", folder, kind, 0, 0);
	(void)plan_add(&plan, STEP_CGROUP_SET, "test", file, "1", 1, 0);
	assert_true(cgroups_create(&plan, &groups, &e) < 0);
	if (!strstr(e.text, text))
		fail_msg("'%s' lacks '%s'", e.text, text);
	assert_int_equal(groups.count, 0);
	plan_done(&plan);
}

static void test_refused(void **state)
{
	(void)state;
	check_refused("/tmp", "2", "pids.max", "not in a cgroup v2");
	check_refused("/tmp", "1", "pids.max", "not in a cgroup v1");
	check_refused("/nowhere", "2", "pids.max", "/nowhere");
	check_refused("/nowhere", "scope", "pids.max", "did not run");
	check_refused("/bin/false", "scope", "pids.max", "ask systemd");
}

static void test_set_needs_group(void **state)
{
	struct plan plan = {0};
	struct cgroups groups;
	struct err e = {0};

	(void)state;
	(void)plan_add(&plan, STEP_CGROUP_SET, "test", "pids.max", "1", 0, 0);
	assert_int_equal(cgroups_create(&plan, &groups, &e), -EINVAL);
	plan_done(&plan);
}

/* One fifth of a processor, and only processor 0, where these controllers are. */
static void test_processor(void **state)
{
	struct host host;
	struct plan plan = {0};
	struct cgroups groups;
	struct cgroup_usage usage;
	const struct cgroup_place *cpu = &host.cgroup[CG_CPU], *set = &host.cgroup[CG_CPUSET];
	bool v1;
	int go, status;
	pid_t pid;

	(void)state;
	read_host(&host);
	v1 = cpu->kind == CGROUP_V1;
	if (cpu->kind != CGROUP_NONE) {
		add_group(&plan, cpu, GROUP_CPU | (v1 ? 0 : GROUP_CPUACCT));
		(void)plan_add(&plan, STEP_CGROUP_SET, "test", v1 ? "cpu.cfs_quota_us" : "cpu.max",
			       v1 ? "20000" : "20000 100000", 0, 0);
		if (v1 && host.cgroup[CG_CPUACCT].kind == CGROUP_V1)
			add_group(&plan, &host.cgroup[CG_CPUACCT], GROUP_CPUACCT);
		if (v1 && set->kind == CGROUP_V1) {
			add_group(&plan, set, GROUP_CPUSET);
			(void)plan_add(&plan, STEP_CGROUP_SET, "test", "cpuset.cpus", "0", 2, 0);
		}
	}
	free_host(&host);
	create(&plan, &groups);
	pid = start_in(&groups, SPIN, &go);
	status = end_of(pid, go);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status),
			 groups.count == 3 ? 1 : WEXITSTATUS(status)); /* processors that it may use */
	cgroups_usage(&groups, &usage);
	if (cpu->kind != CGROUP_NONE && usage.cpu_ns >= 0)
		assert_in_range(usage.cpu_ns, 1000000, SPIN_NS / 2);
	remove_all(&groups);
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest refusals[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_set_needs_group),
	};
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_refused),       cmocka_unit_test(test_set_needs_group),
		cmocka_unit_test(test_memory_within), cmocka_unit_test(test_memory_over),
		cmocka_unit_test(test_processes),     cmocka_unit_test(test_undone),
		cmocka_unit_test(test_processor),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (has_places())
		return cmocka_run_group_tests_name("cgroup", all, NULL, NULL);
	(void)puts("# this user may make no cgroups here: only the refusals are tested");
	return cmocka_run_group_tests_name("cgroup", refusals, NULL, NULL);
}
