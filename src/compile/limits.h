/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limits: what of the limits the other compile_* functions have to know. */
#pragma once

#include <stdbool.h>

#include "host/host.h"
#include "policy/policy.h"

/* The processors are limited without a cgroup: the filter must then deny sched_setaffinity. */
bool limits_by_affinity(const struct policy *policy, const struct host *host) __attribute__((nonnull));
/* Some limit is best kept by a cgroup: host_read_cgroups is needed. */
bool limits_use_cgroups(const struct policy *policy) __attribute__((nonnull));
/* The controller of a cgroup that keeps the limit, where there is one; false: none ever does. */
bool limits_controller(enum setting_id id, enum cgroup_controller *ret) __attribute__((nonnull));
