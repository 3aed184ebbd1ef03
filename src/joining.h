/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* joining: one more command in a sandbox that runs: sbx --join, and a second start. */
#pragma once

#include "live/live.h"
#include "plan/plan.h"
#include "policy/argv.h"

struct joining {
	const char *live; /* folder of the records */
	const struct live_entry *entry;
	char *const *command;
	const struct plan *own; /* of a second start: what it would have been made by, for its working directory, and
				   what its launcher has told it; NULL */
	bool silent;            /* the command has not the caller's streams, but /dev/null */
};

/* Runs it to its end. *ret_status: as a shell has it; 126, 127: it could not be executed. Fails if it did not run. */
int join_command(const struct joining *joining, int *ret_status, struct err *e) __attribute__((nonnull));
/* Has the sandbox ended, or does it just now? */
bool join_is_late(const struct joining *joining) __attribute__((nonnull));
/* Runs the command of the request in the sandbox that it names; the exit status. Prints its own errors. */
int join_sandbox(const struct request *request, char **environment) __attribute__((nonnull));
