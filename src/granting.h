/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* granting: sbxctl grant and revoke. What a sandbox may see of a path is decided by the compiler, from a policy with
 * one rule, as for sbx --ro and --rw; whether its Landlock domain lets the program use it there, from its plan. */
#pragma once

#include "host/host.h"
#include "live/changes.h"
#include "plan/plan.h"
#include "policy/policy.h"

struct granting {
	const struct host *host;
	const struct variables *variables;
	const struct live_entry *entry;
	const char *path; /* as typed */
	const char *at;   /* as typed; NULL: in the folder of grants, by its last name */
	bool write;
};

/* *ret_at: where it is seen in the sandbox; owned by the caller. */
int grant_path(const struct granting *granting, char **ret_at, struct err *e) __attribute__((nonnull));
/* By its path on the host, or by that in the sandbox. *ret_stays: what can't be taken back from such a sandbox. */
int revoke_path(const struct granting *granting, const char **ret_stays, struct err *e) __attribute__((nonnull));
/* The plan that a sandbox was made by. */
int plan_of_live(const char *folder, const struct live_entry *entry, struct plan *ret, struct err *e)
	__attribute__((nonnull));
