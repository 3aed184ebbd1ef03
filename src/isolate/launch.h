/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* launch: one run of a program in a box, by a plan of sbx. */
#pragma once

#include <signal.h>

#include "host/host.h"
#include "isolate/box.h"
#include "isolate/meta.h"
#include "isolate/options.h"

struct launch {
	struct outcome *outcome;
	int *kept; /* owned: fds that are passed on */
	size_t kept_count, kept_cap;
	mode_t umask;     /* of the caller */
	sigset_t signals; /* those held */
};

struct launch_context {
	const struct options *options;
	const struct host *host;
	const struct isolate_box *box;
	char **environment;
};

/* Who the program is on the host. */
struct id launch_payload(const struct host *host) __attribute__((nonnull));
/* The meta file is made with the umask of the caller, which prepare_process changes. */
void launch_keep_umask(struct launch *launch) __attribute__((nonnull));
void launch_restore_umask(const struct launch *launch) __attribute__((nonnull));
/* From here on a signal is no end of this process, but of the run. */
int launch_hold_signals(struct launch *launch, struct err *e) __attribute__((nonnull));
/* Fills `ending`. Fails where the sandbox did; then nothing of the program runs any more. Changes fds 0 to 2. */
int launch_run(struct launch *launch, const struct launch_context *context, struct ending *ending, struct err *e)
	__attribute__((nonnull));
/* Would a program run at all? */
int launch_check(const char *store, const struct host *host, char **environment, struct err *e)
	__attribute__((nonnull));
void launch_done(struct launch *launch) __attribute__((nonnull));
