/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report-limits.h"

#include "base/mem.h"

/* The steps that may keep a limit, by what they name; the first that is in the plan does. */
static const struct row {
	enum setting_id id;
	enum step_kind kind;
	const char *a;  /* file or resource of the step; NULL: any */
	const char *by; /* what the report says; NULL: the same */
} rows[] = {
	{SET_limits_memory, STEP_CGROUP_SET, "memory.max", NULL},
	{SET_limits_memory, STEP_CGROUP_SET, "memory.limit_in_bytes", NULL},
	{SET_limits_memory, STEP_RLIMIT, "data", "RLIMIT_DATA"},
	{SET_limits_swap, STEP_CGROUP_SET, "memory.swap.max", NULL},
	{SET_limits_swap, STEP_CGROUP_SET, "memory.memsw.limit_in_bytes", NULL},
	{SET_limits_processes, STEP_CGROUP_SET, "pids.max", NULL},
	{SET_limits_processes, STEP_RLIMIT, "nproc", "RLIMIT_NPROC"},
	{SET_limits_cpu, STEP_CGROUP_SET, "cpu.max", NULL},
	{SET_limits_cpu, STEP_CGROUP_SET, "cpu.cfs_quota_us", NULL},
	{SET_limits_cpus, STEP_CGROUP_SET, "cpuset.cpus", NULL},
	{SET_limits_cpus, STEP_AFFINITY, NULL, "sched_setaffinity"},
	{SET_limits_io_read, STEP_CGROUP_SET, "blkio.throttle.read_bps_device", NULL},
	{SET_limits_io_read, STEP_CGROUP_SET, "io.max", NULL},
	{SET_limits_io_write, STEP_CGROUP_SET, "blkio.throttle.write_bps_device", NULL},
	{SET_limits_io_write, STEP_CGROUP_SET, "io.max", NULL},
	{SET_limits_cpu_time, STEP_CPU_TIME, NULL, "monitor"},
	{SET_limits_cpu_time_hard, STEP_CPU_TIME, NULL, "monitor"},
	{SET_limits_wall_time, STEP_WALL_TIME, NULL, "monitor"},
	{SET_limits_wall_time_hard, STEP_WALL_TIME, NULL, "monitor"},
	{SET_limits_output_size, STEP_OUTPUT_SIZE, NULL, "monitor"},
	{SET_limits_file_size, STEP_RLIMIT, "fsize", "RLIMIT_FSIZE"},
	{SET_limits_open_files, STEP_RLIMIT, "nofile", "RLIMIT_NOFILE"},
	{SET_limits_stack, STEP_RLIMIT, "stack", "RLIMIT_STACK"},
	{SET_limits_core, STEP_RLIMIT, "core", "RLIMIT_CORE"},
	{SET_limits_locked_memory, STEP_RLIMIT, "memlock", "RLIMIT_MEMLOCK"},
	{SET_limits_address_space, STEP_RLIMIT, "as", "RLIMIT_AS"},
	{SET_limits_disk, STEP_SCRATCH, NULL, "tmpfs"},
};

static bool has_step(const struct plan *plan, const struct row *row)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == row->kind && (!row->a || str_eq(plan_text(plan, plan->step[i].a), row->a)))
			return true;
	return false;
}

/* NULL: nothing keeps it; then a layer is missing, and the report says so too. */
static const char *kept_by(const struct plan *plan, enum setting_id id)
{
	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].id == id && has_step(plan, &rows[i]))
			return rows[i].by ? rows[i].by : rows[i].a;
	return NULL;
}

static void add_hit(struct json *limit, const struct outcome *outcome, enum setting_id id)
{
	const struct {
		enum setting_id id;
		bool known, hit;
	} hits[] = {
		{SET_limits_memory, outcome->oom_kills >= 0, outcome->hits >> VERDICT_MEMORY & 1},
		{SET_limits_processes, outcome->processes_hits >= 0, outcome->hits >> VERDICT_PROCESSES & 1},
		{SET_limits_cpu, outcome->throttled >= 0, outcome->throttled > 0},
		{SET_limits_cpu_time, outcome->executed, outcome->hits >> VERDICT_CPU_TIME & 1},
		{SET_limits_wall_time, outcome->executed, outcome->hits >> VERDICT_WALL_TIME & 1},
		{SET_limits_cpu_time_hard, outcome->executed, outcome->killed && outcome->verdict == VERDICT_CPU_TIME},
		{SET_limits_wall_time_hard, outcome->executed,
		 outcome->killed && outcome->verdict == VERDICT_WALL_TIME},
		{SET_limits_output_size, outcome->executed,
		 outcome->stream_truncated[1] || outcome->stream_truncated[2]},
		{SET_limits_disk, outcome->executed, outcome->disk_full},
	};

	for (size_t i = 0; i < countof(hits); i++) {
		if (hits[i].id != id || !hits[i].known)
			continue;
		json_add_bool(limit, "hit", hits[i].hit);
		return;
	}
	json_add_null(limit, "hit"); /* the kernel tells the program, and nobody else */
}

struct json *report_limits(const struct outcome *outcome, const struct policy *policy, const struct plan *plan)
{
	struct json *limits = json_new_object();

	for (enum setting_id id = 0; id < SETTING_COUNT; id++) {
		const struct value *value = policy_value(policy, id);
		const char *by = kept_by(plan, id);
		struct json *limit;

		if (!str_eq(settings[id].section, "limits") || !value || (!by && !value->layer))
			continue; /* a default for what is not limited */
		limit = json_new_object();
		json_add_string(limit, "by", by);
		add_hit(limit, outcome, id);
		json_add(limits, settings[id].key, limit);
	}
	return limits;
}
