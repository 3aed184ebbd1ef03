/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* join: one more command in a sandbox that runs.
 *
 *     sbx --join --vfork--> joiner: enters the sandbox's cgroups and namespaces
 *       the caller             | vfork, CLONE_PARENT
 *       relays, waits <--------+------> payload: in the pid namespace, sbx's child; enters the inner user namespace,
 *                                       then does all steps of the plan that limit, confine and filter, and EXEC
 *
 * What is entered was made for the sandbox (join-spaces.h); the steps are those of the plan that it was made by.
 * Nothing is read from inside of it. */
#pragma once

#include <sys/types.h>

#include "plan/plan.h"

struct join {
	const struct plan *plan; /* with the command that is to run */
	int init;                /* pidfd; while it has not ended, what was found by its pid is the sandbox's */
	pid_t init_pid;
	const char *const *cgroups; /* folders, NULL-terminated */
	bool terminal;              /* the command has a terminal of its own, shown on the caller's */
	bool silent;                /* its streams are /dev/null, and not the caller's */
};

/* Can a command join what such a plan has made; or else, can something be mounted in it? */
int join_check(const struct plan *plan, bool command, struct err *e) __attribute__((nonnull));
/* Has the sandbox ended, or does it just now: its first command is no more? */
bool join_is_over(const struct join *join) __attribute__((nonnull));
/* Runs it to its end. *ret_status: as a shell has it; 126, 127: it could not be executed. Fails if it did not run. */
int join_run(const struct join *join, int *ret_status, struct err *e) __attribute__((nonnull));
