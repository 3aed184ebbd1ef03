/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/verify.h"

#include <errno.h>
#include <string.h>

enum { MOST_WORDS = 255, COOKIE_SIZE = 16, CONTEXT_TEXTS = 3 };

static bool is_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

/* run/services.c executes what is there, by a table of so many words; run/display.c takes the other forms for granted.
 */
static bool is_sound(const struct plan *plan, const struct step *step)
{
	const char *a = plan_text(plan, step->a), *b = plan_text(plan, step->b), *data = plan_text(plan, step->data);

	switch (step->kind) {
	case STEP_SERVICE:
		return (!b[0] || is_name(b)) && step->size && data[0] == '/' &&
		       verify_texts(data, step->size, MOST_WORDS);
	case STEP_SERVICE_FILE:
		return is_name(a);
	case STEP_INSTANCE:
		return verify_normal(a);
	case STEP_X11_UNTRUSTED:
		return is_name(a) && verify_normal(b) && (!step->size || step->size == COOKIE_SIZE);
	case STEP_WAYLAND_CONTEXT:
		return is_name(a) && verify_normal(b) && verify_texts(data, step->size, CONTEXT_TEXTS) &&
		       !verify_texts(data, step->size, CONTEXT_TEXTS - 1);
	default:
		return false;
	}
}

static bool is_of_services(enum step_kind kind)
{
	return kind == STEP_SERVICE || kind == STEP_SERVICE_FILE || kind == STEP_X11_UNTRUSTED ||
	       kind == STEP_WAYLAND_CONTEXT || kind == STEP_INSTANCE;
}

int verify_services(const struct plan *plan, struct err *e)
{
	const struct step *folder = plan_find(plan, STEP_SERVICES);
	size_t folders = 0;

	if (folder && !verify_normal(plan_text(plan, folder->a)))
		return err_set(e, EINVAL, "the folder of the services is no absolute, normal path");
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];

		folders += step->kind == STEP_SERVICES;
		if (is_of_services(step->kind) && (!folder || !is_sound(plan, step)))
			return err_set(e, EINVAL, "a step %s has no folder, or no sound operands",
				       step_info[step->kind].name);
	}
	return folders <= 1 ? 0 : err_set(e, EINVAL, "the plan has %zu folders of services", folders);
}
