/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* planned: from the words of sbx's command line to the plan. What is run, explained and verified is made here. */
#pragma once

#include "host/host.h"
#include "plan/plan.h"
#include "policy/argv.h"
#include "policy/policy.h"

struct planned {
	struct request request;  /* filled by argv_parse */
	const char *output_size; /* limits.output-size where nothing else says one; NULL: none */
	bool gated;              /* filled by who knows: the gate was passed */
	struct host host;        /* of a plan before, in the same process; else empty */
	struct variables variables;
	struct policy policy;
	struct plan plan;
	char uid[16];      /* what ${UID} stands for */
	struct strv texts; /* that the request borrows, where argv does not have them */
};

/* Reads the host, or what of it may have changed, lays the profiles that the request names under its options, and
 * compiles. Where profiles are wrong, `e` has the last of their errors, and `errors` those before it. */
int planned_make(struct planned *p, char **environment, struct errlist *errors, struct err *e) __attribute__((nonnull));
/* What no sandbox of the caller may write: its policy, its records, its boxes. */
void planned_protect(struct policy *policy, const struct host *host) __attribute__((nonnull));
void planned_done(struct planned *p);
