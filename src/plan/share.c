/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/share.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"

/* What a run mounts anew: each has a folder of the template's root below it. */
static bool is_fresh(enum step_kind kind)
{
	return kind == STEP_BOX_MOUNT || kind == STEP_SCRATCH || kind == STEP_SCRATCH_DIR || kind == STEP_PROC ||
	       kind == STEP_DEVPTS || kind == STEP_HIDE || kind == STEP_PROC_READ_ONLY || kind == STEP_SEAL_PROC;
}

/* Where a step makes or mounts something; NULL: nowhere. */
static const char *target_of(const struct plan *plan, const struct step *step)
{
	switch (step->kind) {
	case STEP_BIND:
	case STEP_OVERLAY:
		return plan_text(plan, step->b);
	case STEP_BOX_MOUNT:
	case STEP_SCRATCH:
	case STEP_SCRATCH_DIR:
	case STEP_PROC:
	case STEP_DEVPTS:
	case STEP_HIDE:
	case STEP_PROC_READ_ONLY:
	case STEP_SEAL_PROC:
	case STEP_MKDIR:
	case STEP_SYMLINK:
	case STEP_FILE:
		return plan_text(plan, step->a);
	default:
		return NULL;
	}
}

static bool is_of_host(enum step_kind kind)
{
	return kind == STEP_BIND;
}

/* Does it lie on or below what an earlier step of such a kind mounts? */
static bool lies_in(const struct plan *plan, size_t at, bool (*is_such)(enum step_kind kind))
{
	const char *target = target_of(plan, &plan->step[at]);

	for (size_t i = 0; target && i < at; i++) {
		const struct step *step = &plan->step[i];

		if (is_such(step->kind) && path_below(target, target_of(plan, step)))
			return true;
	}
	return false;
}

/* Would it cover what an earlier step mounts for the run alone? In a template it would come before that. */
static bool covers_fresh(const struct plan *plan, size_t at)
{
	const char *target = target_of(plan, &plan->step[at]);

	for (size_t i = 0; target && i < at; i++)
		if (is_fresh(plan->step[i].kind) && path_below(target_of(plan, &plan->step[i]), target))
			return true;
	return false;
}

/* The folder of copies is made anew by each run. */
static bool has_copies(const struct plan *plan, const struct step *bind)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_KEEP &&
		    path_below(plan_text(plan, plan->step[i].b), plan_text(plan, bind->a)))
			return true;
	return false;
}

/* When the run begins, nothing of the host can be named any more. And a mount in a folder of the host goes, without a
 * word, when somebody there deletes what it lies on, or renames another thing over it: in the template it would be
 * missing from then on. */
static bool is_for_template(const struct plan *plan, size_t bind)
{
	return !has_copies(plan, &plan->step[bind]) && !lies_in(plan, bind, is_fresh) && !covers_fresh(plan, bind) &&
	       !lies_in(plan, bind, is_of_host);
}

/* 0: it can be done neither in a template nor after it. */
static uint8_t mount_mark(const struct plan *plan, size_t at)
{
	const struct step *step = &plan->step[at];

	switch (step->kind) {
	case STEP_PRIVATE:
	case STEP_ROOT:
	case STEP_SEAL:
		return SHARE_TEMPLATE;
	case STEP_PROC: /* the kernel lets a run mount one of its own only where one is in sight */
		return SHARE_TEMPLATE | SHARE_RUN;
	case STEP_MKDIR:
	case STEP_SYMLINK:
	case STEP_FILE:
		return lies_in(plan, at, is_fresh) ? SHARE_RUN : SHARE_TEMPLATE;
	case STEP_BIND:
		return is_for_template(plan, at) ? SHARE_TEMPLATE : 0;
	case STEP_BOX:
	case STEP_BOX_MOUNT:
	case STEP_SCRATCH:
	case STEP_SCRATCH_DIR:
	case STEP_DEVPTS:
	case STEP_HIDE:
	case STEP_PROC_READ_ONLY:
	case STEP_SEAL_PROC:
		return SHARE_RUN;
	case STEP_NAMESPACE_LIMIT: /* of the outer one, where an ended run's inner one counts for a while: INNER_LIMIT
				    */
		return SHARE_NEVER;
	case STEP_OVERLAY: /* its lower layer is of the host, which a run can not name; what is written is of a run */
	default:
		return 0;
	}
}

static uint8_t mark_of(const struct plan *plan, size_t at)
{
	const struct step *step = &plan->step[at];

	switch (step_info[step->kind].phase) {
	case PHASE_MOUNT:
		return mount_mark(plan, at);
	case PHASE_ROOT:
		return SHARE_TEMPLATE;
	default:
		if (step->kind == STEP_LOOPBACK && share_template_namespaces(plan) & CLONE_NEWNET)
			return SHARE_TEMPLATE;
		return SHARE_RUN;
	}
}

int share_marks(const struct plan *plan, uint8_t *ret_marks, struct err *e)
{
	const struct step *capabilities = plan_find(plan, STEP_CAPABILITIES);

	if (!plan_find(plan, STEP_NAMESPACES) || plan_find(plan, STEP_GATE))
		return err_set(e, ENOTSUP, "only a sandbox with user namespaces of its own is made from a template");
	if (!capabilities || capabilities->n)
		return err_set(e, ENOTSUP, "what keeps capabilities has no namespace in common with another");
	for (size_t i = 0; i < plan->count; i++) {
		ret_marks[i] = mark_of(plan, i);
		if (!ret_marks[i])
			return err_set(e, ENOTSUP, "step %zu, %s (%s), can't be done in a template, nor after it",
				       i + 1, step_info[plan->step[i].kind].name, plan_text(plan, plan->step[i].why));
	}
	return 0;
}

/* A network namespace is shared only if no payload can do anything in it: no socket can be made. */
uint64_t share_template_namespaces(const struct plan *plan)
{
	const struct step *step = plan_find(plan, STEP_NAMESPACES);

	return step ? (step->n & (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)) | step->m : 0;
}

uint64_t share_run_namespaces(const struct plan *plan)
{
	const struct step *step = plan_find(plan, STEP_NAMESPACES);

	return step ? step->n & ~(CLONE_NEWUSER | step->m) : 0;
}

static void add_text(struct str *out, const char *text)
{
	str_add_bytes(out, text, strlen(text) + 1);
}

void share_key(const struct plan *plan, const uint8_t *marks, struct str *ret)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		const uint64_t numbers[] = {step->kind, step->n, step->m, step->size};

		if (!(marks[i] & SHARE_TEMPLATE) && step->kind != STEP_NAMESPACES && step->kind != STEP_ID_MAP)
			continue;
		str_add_bytes(ret, numbers, sizeof numbers);
		add_text(ret, plan_text(plan, step->a));
		add_text(ret, plan_text(plan, step->b));
		str_add_bytes(ret, plan_text(plan, step->data), step->size);
	}
}
