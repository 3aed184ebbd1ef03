/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint32_t put(struct plan *plan, const void *bytes, size_t size)
{
	uint32_t at;

	if (!plan->pool.len)
		str_add_bytes(&plan->pool, "", 1);
	at = (uint32_t)plan->pool.len;
	str_add_bytes(&plan->pool, bytes, size);
	str_add_bytes(&plan->pool, "", 1);
	return at;
}

static uint32_t put_text(struct plan *plan, const char *text)
{
	if (!text || !*text) {
		if (!plan->pool.len)
			str_add_bytes(&plan->pool, "", 1);
		return 0;
	}
	return put(plan, text, strlen(text));
}

struct step *plan_add(struct plan *plan, enum step_kind kind, const char *why, const char *a, const char *b, uint64_t n,
		      uint64_t m)
{
	struct step *step;
	uint32_t at_why = 0;

	/* steps of one origin follow each other */
	if (plan->count && strcmp(plan_text(plan, plan->step[plan->count - 1].why), why) == 0)
		at_why = plan->step[plan->count - 1].why;
	else
		at_why = put_text(plan, why);
	plan->step = xgrow(plan->step, plan->count, &plan->cap, sizeof *plan->step);
	step = &plan->step[plan->count++];
	*step = (struct step){.kind = kind, .n = n, .m = m, .why = at_why};
	step->a = put_text(plan, a);
	step->b = put_text(plan, b);
	return step;
}

void plan_data(struct plan *plan, const void *bytes, size_t size)
{
	plan_set_data(plan, plan->count - 1, bytes, size);
}

void plan_set_data(struct plan *plan, size_t at, const void *bytes, size_t size)
{
	plan->step[at].data = put(plan, bytes, size);
	plan->step[at].size = (uint32_t)size;
}

void plan_set_text(struct plan *plan, size_t at, const char *a)
{
	plan->step[at].a = put_text(plan, a);
}

const struct step *plan_find(const struct plan *plan, enum step_kind kind)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == kind)
			return &plan->step[i];
	return NULL;
}

void plan_done(struct plan *plan)
{
	free(plan->step);
	str_done(&plan->pool);
	*plan = (struct plan){0};
}
