/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report-limits: of each limit that was set, what kept it and whether it was reached. */
#pragma once

#include "base/json.h"
#include "plan/plan.h"
#include "policy/policy.h"
#include "run/run.h"

/* One member for each limit of the policy, by its key. Owned by the caller. */
struct json *report_limits(const struct outcome *outcome, const struct policy *policy, const struct plan *plan)
	__attribute__((nonnull));
