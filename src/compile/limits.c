/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limits: which mechanism keeps each limit. A cgroup where there is one; else an exact substitute; else a refusal, or
 * what the profile accepts as best effort. */
#include "compile/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "compile/context.h"

enum { CPU_PERIOD_US = 100000, US_PER_PERCENT = CPU_PERIOD_US / 100 };
#define BIT(controller) (UINT64_C(1) << (controller))

/* The order is the order of the groups in the plan. */
static const struct {
	enum setting_id id;
	enum cgroup_controller controller;
} needs[] = {
	{SET_limits_memory, CG_MEMORY}, {SET_limits_processes, CG_PIDS},   {SET_limits_cpu, CG_CPU},
	{SET_limits_cpus, CG_CPUSET},   {SET_limits_cpu_time, CG_CPUACCT}, {SET_limits_io_read, CG_IO},
	{SET_limits_io_write, CG_IO},
};

struct group {
	enum cgroup_kind kind;
	const char *folder; /* borrowed from host; NULL for a scope */
	uint64_t controllers;
	enum setting_id id; /* the first that asked */
};

struct limits {
	struct context *c;
	struct group group[CG_CONTROLLERS];
	size_t count;
};

static const struct cgroup_place *place_of(const struct limits *l, enum cgroup_controller controller)
{
	return &l->c->host->cgroup[controller];
}

static bool wanted(const struct limits *l, enum setting_id id)
{
	return policy_value(l->c->policy, id) != NULL;
}

static uint64_t number(const struct limits *l, enum setting_id id)
{
	return (uint64_t)policy_number(l->c->policy, id, 0);
}

static void need_group(struct limits *l, enum setting_id id, enum cgroup_controller controller)
{
	const struct cgroup_place *place = place_of(l, controller);
	struct group *group = l->group;

	for (; group < l->group + l->count; group++)
		if (group->kind == place->kind && (!place->folder || str_eq(group->folder, place->folder)))
			break;
	if (group == l->group + l->count) {
		*group = (struct group){.kind = place->kind, .folder = place->folder, .id = id};
		l->count++;
	}
	group->controllers |= BIT(controller);
}

/* The groups come before all that is written into them. */
static void make_groups(struct limits *l)
{
	static const char *const kinds[] = {[CGROUP_V2] = "2", [CGROUP_V1] = "1", [CGROUP_SCOPE] = "scope"};
	char buf[WHY_SIZE];

	for (size_t i = 0; i < countof(needs); i++)
		if (wanted(l, needs[i].id) && place_of(l, needs[i].controller)->kind != CGROUP_NONE)
			need_group(l, needs[i].id, needs[i].controller);
	for (size_t i = 0; i < l->count; i++) {
		const struct group *group = &l->group[i];
		autofree char *helper = NULL;

		if (group->kind == CGROUP_SCOPE)
			helper = xasprintf("%s/sbx-scope", l->c->host->helper_folder);
		(void)plan_add(l->c->plan, STEP_CGROUP, why(l->c, group->id, buf), helper ? helper : group->folder,
			       kinds[group->kind], group->controllers, 0);
	}
}

/* Adds the step that writes a file of the group with `controller`. */
static void set(struct limits *l, enum setting_id id, enum cgroup_controller controller, const char *file,
		const char *text)
{
	char buf[WHY_SIZE];
	size_t i = 0;

	while (i < l->count && !(l->group[i].controllers & BIT(controller)))
		i++;
	(void)plan_add(l->c->plan, STEP_CGROUP_SET, why(l->c, id, buf), file, text, i, 0);
}

static void set_number(struct limits *l, enum setting_id id, enum cgroup_controller controller, const char *file,
		       uint64_t n)
{
	autofree char *text = xasprintf("%" PRIu64, n);

	set(l, id, controller, file, text);
}

static void add_rlimit(struct limits *l, enum setting_id id, const char *name, int resource, uint64_t n)
{
	char buf[WHY_SIZE], text[16];

	(void)snprintf(text, sizeof text, "%d", resource);
	(void)plan_add(l->c->plan, STEP_RLIMIT, why(l->c, id, buf), name, text, n, n);
}

/* The limit needs a cgroup and there is none. 0 if the profile accepts that. */
static int no_cgroup(struct limits *l, enum setting_id id, struct err *e)
{
	char buf[WHY_SIZE];
	int r = missing_layer(l->c, "limits", e, "%s: %s.%s: it needs a cgroup that sbx may write, and there is none",
			      why(l->c, id, buf), settings[id].section, settings[id].key);

	if (r < 0)
		(void)err_hint(
			e, "run sbx within `systemd-run --user --scope -p Delegate=yes`, have a cgroup delegated to "
			   "this user, or accept weaker limits by --best-effort=limits");
	return r;
}

static int memory_v1(struct limits *l, struct err *e)
{
	uint64_t memory = number(l, SET_limits_memory), swap = number(l, SET_limits_swap);

	set_number(l, SET_limits_memory, CG_MEMORY, "memory.limit_in_bytes", memory);
	if (place_of(l, CG_MEMORY)->swap) /* this file counts both, and must not be below the other */
		set_number(l, SET_limits_swap, CG_MEMORY, "memory.memsw.limit_in_bytes", memory + swap);
	else if (l->c->host->swap_on)
		return refuse(
			l->c, SET_limits_memory, policy_value(l->c->policy, SET_limits_memory), e,
			"this kernel does not count swap (swapaccount=1 on its command line), and swap is in use");
	return 0;
}

static int memory(struct limits *l, struct err *e)
{
	int r;

	switch (place_of(l, CG_MEMORY)->kind) {
	case CGROUP_NONE:
		r = no_cgroup(l, SET_limits_memory, e);
		if (r == 0) /* of each process alone, and only what it does not share */
			add_rlimit(l, SET_limits_memory, "data", RLIMIT_DATA, number(l, SET_limits_memory));
		return r;
	case CGROUP_V1:
		return memory_v1(l, e);
	case CGROUP_V2:
	case CGROUP_SCOPE:
		break;
	}
	set_number(l, SET_limits_memory, CG_MEMORY, "memory.max", number(l, SET_limits_memory));
	if (place_of(l, CG_MEMORY)->swap || l->c->host->swap_on)
		set_number(l, SET_limits_swap, CG_MEMORY, "memory.swap.max", number(l, SET_limits_swap));
	set(l, SET_limits_memory, CG_MEMORY, "memory.oom.group", "1");
	return 0;
}

/* Set within the inner user namespace, RLIMIT_NPROC counts the sandbox's own processes, and a namespace made below it
 * does not escape: exact. The kernel does not apply it to the host's root; without a namespace of its own it would
 * count all of the user, and with many ids each by itself. */
static int processes(struct limits *l, struct err *e)
{
	uint64_t n = number(l, SET_limits_processes);

	if (place_of(l, CG_PIDS)->kind != CGROUP_NONE)
		set_number(l, SET_limits_processes, CG_PIDS, "pids.max", n + 1); /* init is in the group too */
	else if (l->c->host->euid == 0 || l->c->bare || l->c->many)
		return no_cgroup(l, SET_limits_processes, e);
	else /* behind the gate sbx and init are in the same namespace */
		add_rlimit(l, SET_limits_processes, "nproc", RLIMIT_NPROC, n + (l->c->host->gated ? 2 : 0));
	return 0;
}

static int cpu(struct limits *l, struct err *e)
{
	uint64_t quota = number(l, SET_limits_cpu) * US_PER_PERCENT;
	autofree char *max = xasprintf("%" PRIu64 " %d", quota, CPU_PERIOD_US);

	switch (place_of(l, CG_CPU)->kind) {
	case CGROUP_NONE:
		return no_cgroup(l, SET_limits_cpu, e);
	case CGROUP_V1:
		set_number(l, SET_limits_cpu, CG_CPU, "cpu.cfs_period_us", CPU_PERIOD_US);
		set_number(l, SET_limits_cpu, CG_CPU, "cpu.cfs_quota_us", quota);
		return 0;
	case CGROUP_V2:
	case CGROUP_SCOPE:
		set(l, SET_limits_cpu, CG_CPU, "cpu.max", max);
	}
	return 0;
}

static int cpus(struct limits *l, struct err *e)
{
	const char *list = policy_text(l->c->policy, SET_limits_cpus);
	char buf[WHY_SIZE];

	(void)e;
	if (place_of(l, CG_CPUSET)->kind != CGROUP_NONE)
		set(l, SET_limits_cpus, CG_CPUSET, "cpuset.cpus", list);
	else /* limits_by_affinity tells the filter that this must stay */
		(void)plan_add(l->c->plan, STEP_AFFINITY, why(l->c, SET_limits_cpus, buf), list, NULL, 0, 0);
	return 0;
}

/* The monitor keeps it, with the group's time. Without a group it adds up the processes; the kernel keeps nothing of a
 * child that ends while its parent ignores SIGCHLD, so that a program can hide what it uses. */
static int cpu_time(struct limits *l, struct err *e)
{
	return place_of(l, CG_CPUACCT)->kind == CGROUP_NONE ? no_cgroup(l, SET_limits_cpu_time, e) : 0;
}

static int io(struct limits *l, enum setting_id id, struct err *e)
{
	const struct value *value = policy_value(l->c->policy, id);
	const char *disk = l->c->host->io_disk, *cwd = policy_text(l->c->policy, SET_filesystem_working_directory);
	bool read = id == SET_limits_io_read;
	autofree char *text = NULL;

	if (place_of(l, CG_IO)->kind == CGROUP_NONE)
		return no_cgroup(l, id, e);
	if (cwd && l->c->host->cwd && !str_eq(cwd, l->c->host->cwd))
		return refuse(l->c, id, value, e,
			      "start sbx in the working directory: only the disk of that one is known");
	if (!*disk)
		return refuse(l->c, id, value, e, "the working directory is on no single disk");
	if (value->number <= 0)
		return refuse(l->c, id, value, e, "must be above 0");
	if (place_of(l, CG_IO)->kind == CGROUP_V1) {
		text = xasprintf("%s %" PRId64, disk, value->number);
		set(l, id, CG_IO, read ? "blkio.throttle.read_bps_device" : "blkio.throttle.write_bps_device", text);
	} else {
		text = xasprintf("%s %s=%" PRId64, disk, read ? "rbps" : "wbps", value->number);
		set(l, id, CG_IO, "io.max", text);
	}
	return 0;
}

static int io_read(struct limits *l, struct err *e)
{
	return io(l, SET_limits_io_read, e);
}

static int io_write(struct limits *l, struct err *e)
{
	return io(l, SET_limits_io_write, e);
}

/* The monitor keeps these. */
static void add_monitored(struct limits *l, enum setting_id id, enum setting_id hard, enum step_kind kind)
{
	uint64_t end = !hard ? 0 : number(l, wanted(l, hard) ? hard : id);
	char buf[WHY_SIZE];

	(void)plan_add(l->c->plan, kind, why(l->c, id, buf), NULL, NULL, number(l, id), end);
}

static int monitored(struct limits *l, struct err *e)
{
	static const struct {
		enum setting_id id, hard; /* hard: 0: there is none */
		enum step_kind kind;
	} rows[] = {
		{SET_limits_cpu_time, SET_limits_cpu_time_hard, STEP_CPU_TIME},
		{SET_limits_wall_time, SET_limits_wall_time_hard, STEP_WALL_TIME},
		{SET_limits_output_size, 0, STEP_OUTPUT_SIZE},
	};

	(void)e;
	for (size_t i = 0; i < countof(rows); i++)
		if (wanted(l, rows[i].id))
			add_monitored(l, rows[i].id, rows[i].hard, rows[i].kind);
	return 0;
}

static int each_process(struct limits *l, struct err *e)
{
	static const struct {
		enum setting_id id;
		const char *name;
		int resource;
	} rows[] = {
		{SET_limits_file_size, "fsize", RLIMIT_FSIZE},
		{SET_limits_open_files, "nofile", RLIMIT_NOFILE},
		{SET_limits_stack, "stack", RLIMIT_STACK},
		{SET_limits_core, "core", RLIMIT_CORE},
		{SET_limits_locked_memory, "memlock", RLIMIT_MEMLOCK},
		{SET_limits_address_space, "as", RLIMIT_AS},
	};
	const struct value *files = policy_value(l->c->policy, SET_limits_open_files);
	uint64_t hard = l->c->host->nofile;

	if (files && hard && number(l, SET_limits_open_files) > hard)
		return refuse(l->c, SET_limits_open_files, files, e, "the hard limit of the caller is %" PRIu64, hard);
	for (size_t i = 0; i < countof(rows); i++) {
		uint64_t n = number(l, rows[i].id);

		if (!wanted(l, rows[i].id))
			continue;
		add_rlimit(l, rows[i].id, rows[i].name, rows[i].resource,
			   rows[i].id == SET_limits_stack && n == 0 ? RLIM_INFINITY : n);
	}
	return 0;
}

/* The private folders have their size by compile_files; nothing counts what goes to a folder of the host. */
static int disk(struct limits *l, struct err *e)
{
	static const enum setting_id writable[] = {SET_filesystem_read_write, SET_filesystem_persist,
						   SET_filesystem_home,       SET_filesystem_open_arguments,
						   SET_filesystem_session,    SET_filesystem_grants};
	const struct value *limit = policy_value(l->c->policy, SET_limits_disk);
	char buf[WHY_SIZE];

	if (!l->c->host_writable)
		return 0;
	for (size_t i = 0; i < countof(writable); i++) {
		const struct entry *entry = &l->c->policy->entry[writable[i]];
		const struct value *value = entry->count ? entry->v : NULL;

		if (!value || !value->text || str_eq(value->text, "empty") || str_eq(value->text, "no"))
			continue;
		return refuse(l->c, SET_limits_disk, limit, e,
			      "%s.%s '%s' (%s) makes files of the host writable, where nothing counts them",
			      settings[writable[i]].section, settings[writable[i]].key, value->text,
			      origin_text(value->origin, buf, sizeof buf));
	}
	return refuse(l->c, SET_limits_disk, limit, e, "a folder of the host is writable, where nothing counts it");
}

bool limits_by_affinity(const struct policy *policy, const struct host *host)
{
	return policy_value(policy, SET_limits_cpus) && host->cgroup[CG_CPUSET].kind == CGROUP_NONE;
}

bool limits_use_cgroups(const struct policy *policy)
{
	for (size_t i = 0; i < countof(needs); i++)
		if (policy_value(policy, needs[i].id))
			return true;
	return false;
}

bool limits_controller(enum setting_id id, enum cgroup_controller *ret)
{
	for (size_t i = 0; i < countof(needs); i++)
		if (needs[i].id == id || (id == SET_limits_swap && needs[i].id == SET_limits_memory)) {
			*ret = needs[i].controller;
			return *ret != CG_CPUACCT; /* that one only counts */
		}
	return false;
}

int compile_limits(struct context *c, struct err *e)
{
	static const struct {
		enum setting_id id;
		int (*compile)(struct limits *l, struct err *e);
	} rows[] = {
		{SET_limits_memory, memory},     {SET_limits_processes, processes}, {SET_limits_cpu, cpu},
		{SET_limits_cpus, cpus},         {SET_limits_cpu_time, cpu_time},   {SET_limits_io_read, io_read},
		{SET_limits_io_write, io_write}, {SET_limits_disk, disk},
	};
	struct limits l = {.c = c};
	int r = 0;

	make_groups(&l);
	for (size_t i = 0; i < countof(rows) && r == 0; i++)
		if (wanted(&l, rows[i].id))
			r = rows[i].compile(&l, e);
	if (r == 0)
		r = monitored(&l, e);
	return r == 0 ? each_process(&l, e) : r;
}
