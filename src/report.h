/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report: what happened, as the one JSON object that man/report.schema.json describes. */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "policy/policy.h"
#include "run/run.h"

/* What a report says beside the outcome; all borrowed. */
struct report_context {
	const struct policy *policy;
	const struct plan *plan;
	const char *name;        /* of the sandbox; NULL: made of the command and the monitor's pid */
	char *const *command;    /* NULL-terminated */
	const struct err *error; /* NULL: sbx did not fail */
};

/* Owned by the caller. */
struct json *report_json(const struct outcome *outcome, const struct report_context *context) __attribute__((nonnull));
void report_write(const struct outcome *outcome, const struct report_context *context, struct str *out)
	__attribute__((nonnull));
