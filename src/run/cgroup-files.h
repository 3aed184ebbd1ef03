/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-files: the parts of run/cgroup.c: values and their reading back, and making room in the monitor's own group.
 */
#pragma once

#include "run/cgroup.h"

/* Bits of `controllers`, in the order of enum cgroup_controller of host.h, which run/ may not include. */
enum { GROUP_MEMORY = 1, GROUP_PIDS = 2, GROUP_CPU = 4, GROUP_CPUACCT = 8, GROUP_CPUSET = 16, GROUP_IO = 32 };

/* Writes `text` and reads it back: the kernel must have taken what was asked, down to the page where it counts pages.
 */
int cgroup_write(int folder, const char *file, const char *text, struct err *e) __attribute__((nonnull));
/* The rule of cgroup_write: `got` is what the kernel shows for `wrote`. */
bool cgroup_accepted(const char *wrote, const char *got) __attribute__((nonnull));

/* Makes `controllers` usable in children of `parent`. If this process alone is in the way, it moves into a child. */
int cgroup_enable(struct cgroups *groups, int parent, uint64_t controllers, struct err *e) __attribute__((nonnull));
/* Undoes that, where systemd does not do it by itself. */
int cgroup_return(struct cgroups *groups, struct err *e) __attribute__((nonnull));
/* Has systemd make a scope for this process by `helper` (sbx-scope). Returns an fd of its folder. */
int cgroup_scope(struct cgroups *groups, const char *helper, struct err *e) __attribute__((nonnull));

/* So that no other monitor takes the group for one that was left. */
int cgroup_lock(int folder, struct err *e) __attribute__((nonnull));
/* Removes what monitors that were killed have left below `parent`. */
void cgroup_sweep(int parent);

/* rmdir, again and again while processes of the group are dying, at most 2 s. 0 or negative errno. */
int cgroup_rmdir(int parent, const char *name) __attribute__((nonnull));
