/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limits: what one process is given before it becomes the payload. */
#include <errno.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "init/steps.h"

int do_rlimit(struct sandbox *s, const struct step *step, struct err *e)
{
	unsigned resource = (unsigned)strtoul(plan_text(s->plan, step->b), NULL, 10);
	struct rlimit limit = {.rlim_cur = step->n, .rlim_max = step->m};

	if (setrlimit((__rlimit_resource_t)resource, &limit) < 0)
		return err_errno(e, errno, "set rlimit %s", plan_text(s->plan, step->a));
	return 0;
}

int do_affinity(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *p = plan_text(s->plan, step->a);
	cpu_set_t set;

	CPU_ZERO(&set);
	while (*p) {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (end == p || last >= CPU_SETSIZE || first > last)
			return err_set(e, EINVAL, "'%s' is no list of processors", plan_text(s->plan, step->a));
		for (; first <= last; first++)
			CPU_SET(first, &set);
		p = *end == ',' ? end + 1 : end;
	}
	if (sched_setaffinity(0, sizeof set, &set) < 0)
		return err_errno(e, errno, "bind to processors %s", plan_text(s->plan, step->a));
	return 0;
}

int do_nice(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	if (setpriority(PRIO_PROCESS, 0, (int)step->n) < 0)
		return err_errno(e, errno, "set the nice value");
	return 0;
}

int do_umask(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	/* the kernel never refuses, but a filter around sbx may */
	if (umask((mode_t)step->n) == (mode_t)-1)
		return err_errno(e, errno, "set the umask");
	return 0;
}

int do_personality(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	if (personality(step->n) < 0)
		return err_errno(e, errno, "set the personality");
	return 0;
}

int do_no_writable_code(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	(void)step;
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) < 0)
		return err_errno(e, errno, "forbid memory that is writable and executable");
	return 0;
}
