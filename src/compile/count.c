/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* count: instructions, which are the same on a busy machine, where the processor counts them. */
#include <errno.h>
#include <linux/perf_event.h>

#include "compile/context.h"

bool compile_needs_counters(const struct policy *policy)
{
	return policy_number(policy, SET_report_instructions, 0) != 0;
}

static int refuse_count(int error, struct err *e)
{
	if (error == EACCES || error == EPERM) {
		(void)err_set(e, error, "instructions may not be counted here");
		return err_hint(e, "`sysctl kernel.perf_event_paranoid=2` allows it; a container must allow "
				   "perf_event_open, too");
	}
	(void)err_set(e, error, "this machine counts no instructions, or hides it, as most virtual machines do");
	return err_hint(e,
			"time.cpu_s of the report is there without; `sbxctl doctor --grading` tells what disturbs it");
}

int compile_count(struct context *c, struct err *e)
{
	char buf[WHY_SIZE];

	if (!compile_needs_counters(c->policy))
		return 0;
	if (c->host->counters_errno) {
		(void)refuse_count(c->host->counters_errno, e);
		return err_prefix(e, "%s: report.instructions", why(c, SET_report_instructions, buf));
	}
	plan_add(c->plan, STEP_COUNTER, why(c, SET_report_instructions, buf), NULL, NULL, PERF_COUNT_HW_INSTRUCTIONS,
		 PERF_TYPE_HARDWARE);
	return 0;
}
