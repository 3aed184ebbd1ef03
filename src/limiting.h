/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limiting: sbxctl limit. Which files of which cgroup keep a limit is decided by the compiler, as for a start, on a
 * host that has the groups of the sandbox and no others. */
#pragma once

#include "host/host.h"
#include "live/changes.h"
#include "policy/policy.h"

struct limiting {
	const struct host *host;
	const struct variables *variables;
	const struct live_entry *entry;
	char *const *words; /* KEY=VALUE */
	size_t count;
};

/* All of them, or none. */
int limit_sandbox(const struct limiting *limiting, struct err *e) __attribute__((nonnull));
