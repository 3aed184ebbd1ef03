/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode: a plan as bytes, for another process of the same build on the same machine. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "plan/plan.h"

static const char magic[16] = "sbx plan " PACKAGE_VERSION;

struct header {
	char magic[sizeof magic];
	uint32_t kinds, step_size;
	uint64_t count, pool;
};

void plan_encode(const struct plan *plan, struct str *out)
{
	struct header header = {
		.kinds = STEP_COUNT, .step_size = sizeof *plan->step, .count = plan->count, .pool = plan->pool.len};

	memcpy(header.magic, magic, sizeof magic);
	str_add_bytes(out, &header, sizeof header);
	str_add_bytes(out, plan->step, plan->count * sizeof *plan->step);
	str_add_bytes(out, plan->pool.s, plan->pool.len);
}

int plan_decode(const struct str *bytes, struct plan *ret, struct err *e)
{
	struct plan plan = {0};
	struct header header;
	size_t steps;
	int r;

	if (bytes->len < sizeof header)
		return err_set(e, EINVAL, "%zu bytes are no plan", bytes->len);
	memcpy(&header, bytes->s, sizeof header);
	if (memcmp(header.magic, magic, sizeof magic) != 0 || header.kinds != STEP_COUNT ||
	    header.step_size != sizeof *plan.step)
		return err_set(e, ESTALE, "the plan is of another version of sbx");
	if (header.count > PLAN_MAX_STEPS || header.pool > PLAN_MAX_POOL || !header.pool ||
	    bytes->len != sizeof header + header.count * sizeof *plan.step + header.pool)
		return err_set(e, EINVAL, "the plan has another length than it says");
	steps = header.count * sizeof *plan.step;
	plan.step = xmalloc(steps + 1);
	memcpy(plan.step, bytes->s + sizeof header, steps);
	plan.count = plan.cap = header.count;
	str_add_bytes(&plan.pool, bytes->s + sizeof header + steps, header.pool);
	r = plan_verify(&plan, e);
	if (r < 0)
		plan_done(&plan);
	else
		*ret = plan;
	return r;
}
