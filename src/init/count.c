/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* count: what the processor counts by itself, as perf_event_open(2) gives it. */
#include <errno.h>
#include <linux/perf_event.h>

#include "base/sys.h"
#include "init/steps.h"

static int open_counter(const struct step *step, bool inherit)
{
	struct perf_event_attr attr = {
		.type = (uint32_t)step->m,
		.size = sizeof attr,
		.config = step->n,
		.disabled = 1,
		.enable_on_exec = 1,
		.inherit = inherit,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Counting begins at an exec: the payload's first, and for init itself when it becomes sbx-init, which is why that is
 * counted once more, to be taken off. init makes them, since a process can stop the counters that it has made
 * (PR_TASK_PERF_EVENTS_DISABLE). */
int do_counter(struct sandbox *s, const struct step *step, struct err *e)
{
	for (int i = 0; i < 2; i++) {
		s->counter[i] = open_counter(step, i == 0);
		if (s->counter[i] < 0)
			return err_errno(e, errno, "make a performance counter");
	}
	return 0;
}
