/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* outcome: which verdict the facts make, and which exit status a verdict makes. */
#include "run/outcome.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/mem.h"

enum {
	STATUS_LIMIT = 123,
	STATUS_TIME = 124,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128
};

static int64_t ns_of(const struct timeval *t)
{
	return (int64_t)t->tv_sec * NS_PER_SECOND + (int64_t)t->tv_usec * 1000;
}

void outcome_use(struct outcome *outcome, const struct rusage *usage, int64_t own_ns)
{
	int64_t system = ns_of(&usage->ru_stime) - own_ns;

	outcome->user = ns_of(&usage->ru_utime);
	outcome->system = system > 0 ? system : 0;
	outcome->max_rss = (int64_t)usage->ru_maxrss * 1024;
	outcome->minor_faults = usage->ru_minflt;
	outcome->major_faults = usage->ru_majflt;
	outcome->voluntary_switches = usage->ru_nvcsw;
	outcome->forced_switches = usage->ru_nivcsw;
}

/* A limit that only made a call of the payload fail is the verdict if the payload then failed; one that it coped with
 * is not. */
static enum verdict soft_limit(const struct outcome *out)
{
	if (out->processes_hits > 0)
		return VERDICT_PROCESSES;
	if (out->disk_full || out->box_full)
		return VERDICT_DISK;
	return out->signal ? VERDICT_SIGNAL : VERDICT_EXIT;
}

unsigned outcome_hits(const struct outcome *out, const struct outcome_limits *limits)
{
	const struct {
		enum verdict verdict;
		bool hit;
	} rows[] = {
		{VERDICT_MEMORY, out->oom_kills > 0},
		{VERDICT_CPU_TIME, limits->cpu >= 0 && out->cpu > limits->cpu},
		{VERDICT_WALL_TIME, limits->wall >= 0 && out->wall > limits->wall},
		{VERDICT_OUTPUT, out->stream_truncated[1] || out->stream_truncated[2]},
		{VERDICT_PROCESSES, out->processes_hits > 0},
		{VERDICT_DISK, out->disk_full || out->box_full},
		{VERDICT_SYSCALL, out->signal == SIGSYS && limits->syscall_kill},
	};
	unsigned hits = 0;

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].hit || (limits->killed && limits->kill_verdict == rows[i].verdict))
			hits |= 1U << rows[i].verdict;
	return hits;
}

enum verdict outcome_verdict(const struct outcome *out, const struct outcome_limits *limits)
{
	if (out->oom_kills > 0)
		return VERDICT_MEMORY;
	if (limits->killed)
		return limits->kill_verdict;
	if (limits->cpu >= 0 && out->cpu > limits->cpu)
		return VERDICT_CPU_TIME; /* it ended by itself between the limit and the check */
	if (limits->wall >= 0 && out->wall > limits->wall)
		return VERDICT_WALL_TIME;
	if (out->signal == SIGSYS && limits->syscall_kill)
		return VERDICT_SYSCALL;
	if (!out->signal && out->exit_code == 0)
		return VERDICT_OK;
	return soft_limit(out);
}

/* A hundredth of the time is the usual restlessness of a machine; so is less than the floor, one step of the kernel's
 * count of stolen time. */
enum { BUSY_SHARE = 100, BUSY_FLOOR_NS = NS_PER_SECOND / 100 };

static bool is_busy(int64_t lost, int64_t wall)
{
	return lost > BUSY_FLOOR_NS && lost > wall / BUSY_SHARE;
}

int outcome_suspect(const struct outcome *out, const struct outcome_limits *limits)
{
	/* what threads and children of its own ran meanwhile is not others' fault */
	int64_t own = out->cpu > out->main_ran ? out->cpu - out->main_ran : 0;
	/* nor is its own limits.cpu, which the kernel counts shorter than the wait, by a tick each time */
	bool waits = out->waited >= 0 && out->throttled <= 0, stolen = out->stolen >= 0 && out->cpus;

	if (limits->cpu < 0 && limits->wall < 0)
		return 0;
	if (!waits && !stolen)
		return -1;
	return (waits && is_busy(out->waited - own, out->wall)) ||
	       (stolen && is_busy(out->stolen / out->cpus, out->wall));
}

int outcome_status(const struct outcome *out)
{
	if (out->exec_errno)
		return out->exec_errno == ENOENT || out->exec_errno == ENOTDIR ? STATUS_NOT_FOUND
									       : STATUS_NOT_EXECUTABLE;
	switch (out->verdict) {
	case VERDICT_CPU_TIME:
	case VERDICT_WALL_TIME:
		return STATUS_TIME;
	case VERDICT_MEMORY:
	case VERDICT_OUTPUT:
		return STATUS_LIMIT;
	case VERDICT_OK:
	case VERDICT_EXIT:
	case VERDICT_SIGNAL:
	case VERDICT_PROCESSES:
	case VERDICT_DISK:
	case VERDICT_SYSCALL:
	case VERDICT_INTERNAL:
		break;
	}
	return out->signal ? STATUS_SIGNAL + out->signal : out->exit_code;
}

void outcome_done(struct outcome *out)
{
	free(out->denied);
	free(out->box);
	out->box = NULL;
	out->denied = NULL;
	out->denied_count = out->denied_cap = 0;
}
