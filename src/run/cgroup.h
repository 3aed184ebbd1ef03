/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup: the groups of one run: made, filled, read, and removed; only groups that this run made are ever written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan/plan.h"

enum { CGROUPS_MAX = 8 };

struct cgroups {
	struct {
		int folder;           /* fd of the group that was made */
		int parent;           /* fd of its parent */
		char name[64];        /* "sbx-PID-N" */
		uint64_t controllers; /* bits of enum cgroup_controller of host.h */
		bool v2;
	} group[CGROUPS_MAX];
	size_t count;
	int oom;            /* readable when memory ran out (eventfd on v1, inotify on v2); -1 */
	int scope;          /* the v2 group that the monitor left for a child of it, so that it can have others; -1 */
	pid_t scope_keeper; /* the monitor, if systemd made that group for it; 0: there was one already, or none */
	uint64_t enabled;   /* controllers that were enabled in it for the time of the run */
};

struct cgroup_usage { /* -1: not known */
	int64_t cpu_ns, memory_peak, oom_kills, processes_peak, processes_hits, throttled_ns;
};

#define CGROUPS_NONE                                                                                                   \
	{                                                                                                              \
		.oom = -1, .scope = -1                                                                                 \
	}

/* Does the CGROUP and CGROUP_SET steps of the plan, each value read back. On failure nothing is left. */
int cgroups_create(const struct plan *plan, struct cgroups *ret, struct err *e) __attribute__((nonnull));
/* The fd for CLONE_INTO_CGROUP; -1 if there is no v2 group. */
int cgroups_clone_fd(const struct cgroups *groups) __attribute__((nonnull));
/* Moves `pid` into the v1 groups and reads /proc/PID/cgroup back. */
int cgroups_attach(const struct cgroups *groups, pid_t pid, struct err *e) __attribute__((nonnull));
/* Processes are counted without the sandbox's init. */
/* Only the processor time, in nanoseconds, which is asked for again and again; -1: not known. */
int64_t cgroups_cpu(const struct cgroups *groups) __attribute__((nonnull));
void cgroups_usage(const struct cgroups *groups, struct cgroup_usage *ret) __attribute__((nonnull));
/* To be asked when `oom` is readable: whether a process was killed for it. Waits a moment on v1, which tells first and
 * kills then. */
bool cgroups_out_of_memory(const struct cgroups *groups) __attribute__((nonnull));
/* Ends all in the groups at once where the kernel can (cgroup.kill); the death of pid 1 does the rest. */
void cgroups_kill(const struct cgroups *groups) __attribute__((nonnull));
/* Removes the groups; all processes in them must be dead or dying (waits for EBUSY to pass, at most 2 s). */
int cgroups_remove(struct cgroups *groups, struct err *e) __attribute__((nonnull));
