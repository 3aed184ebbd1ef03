/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* counted: sbx, but what the step `counter` counts are page faults, which each machine can, and not instructions. Its
 * arguments are those of sbx; the number is its last line on standard error. */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "planned.h"
#include "run/prepare.h"
#include "run/run.h"

static int failed(const struct err *e)
{
	(void)fprintf(stderr, "counted: %s\n", e->text);
	return 125;
}

int main(int argc, char **argv, char **environment)
{
	struct planned planned = {0};
	struct errlist errors = {0};
	struct outcome outcome = {0};
	struct err e = {0};
	int status;

	if (prepare_process(&e) < 0 || argv_parse(argc, argv, &planned.request, &e) < 0 ||
	    planned_make(&planned, environment, &errors, &e) < 0)
		return failed(&e);
	(void)plan_add(&planned.plan, STEP_COUNTER, "test", NULL, NULL, PERF_COUNT_SW_PAGE_FAULTS, PERF_TYPE_SOFTWARE);
	if (run_plan(&planned.plan, NULL, &outcome, &e) < 0)
		return failed(&e);
	(void)fprintf(stderr, "%lld\n", (long long)outcome.instructions);
	status = outcome_status(&outcome);
	outcome_done(&outcome);
	planned_done(&planned);
	errlist_done(&errors);
	return status;
}
