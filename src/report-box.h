/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report-box: what the report says of the box. */
#pragma once

#include "base/json.h"
#include "plan/plan.h"
#include "policy/policy.h"
#include "run/run.h"

/* NULL: there was none, or what is in it stayed as it was. */
struct json *report_box(const struct outcome *outcome, const struct policy *policy, const struct plan *plan)
	__attribute__((nonnull));
