/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report: one JSON object a run, as share/sbx/report.schema.json describes it. */
#pragma once

#include "plan/plan.h"
#include "policy/policy.h"
#include "run/run.h"

struct report_context {
	const struct policy *policy;
	const struct plan *plan;
	char *const *command;    /* NULL-terminated */
	int landlock_abi;
	const struct err *error; /* NULL: none */
};

void report_write(const struct outcome *outcome, const struct report_context *context, struct str *out)
	__attribute__((nonnull));
