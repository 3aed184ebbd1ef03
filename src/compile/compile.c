/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* compile_plan, the table of contents. */
#include "compile/compile.h"

#include <stdlib.h>

#include "base/mem.h"
#include "compile/limits.h"
#include "compile/view.h"

bool compile_needs_cgroups(const struct policy *policy)
{
	return limits_use_cgroups(policy);
}

bool compile_needs_display(const struct policy *policy)
{
	return !policy_is(policy, SET_desktop_x11, "no") || !policy_is(policy, SET_desktop_wayland, "no");
}

bool compile_isolates_x11(const struct policy *policy)
{
	return policy_is(policy, SET_desktop_x11, "isolated");
}

bool compile_isolates_wayland(const struct policy *policy)
{
	return policy_is(policy, SET_desktop_wayland, "isolated");
}

bool compile_needs_isolated(const struct policy *policy)
{
	return policy_is(policy, SET_process_user, "isolated");
}

bool compile_needs_many_ids(const struct policy *policy)
{
	return policy_is(policy, SET_filesystem_image_ids, "many");
}

bool compile_can_be_bare(const struct policy *policy)
{
	return policy_has(policy, SET_profile_best_effort, "namespaces");
}

/* In the order of the phases; steps of one phase keep theirs (insertion sort: nearly sorted, and stable). */
static void sort_phases(struct plan *plan)
{
	for (size_t i = 1; i < plan->count; i++) {
		struct step step = plan->step[i];
		enum phase phase = step_info[step.kind].phase;
		size_t at = i;

		while (at > 0 && step_info[plan->step[at - 1].kind].phase > phase) {
			plan->step[at] = plan->step[at - 1];
			at--;
		}
		plan->step[at] = step;
	}
}

static void context_done(struct context *c)
{
	view_done(c->view);
	free(c->inner_home);
	free(c->inner_user);
	free(c->inner_cwd);
	free(c->inner_path);
}

int compile_plan(const struct policy *policy, const struct host *host, char *const *command, struct plan *ret,
		 struct err *e)
{
	static int (*const parts[])(struct context *, struct err *) = {
		compile_identity, compile_sealed,  compile_box,         compile_files,
		compile_devices,  compile_desktop, compile_links,       compile_mounts,
		compile_network,  compile_process, compile_limits,      compile_count,
		compile_landlock, compile_filter,  compile_environment, compile_command,
	};
	struct view view = {0};
	struct context c = {
		.policy = policy, .host = host, .command = command, .plan = ret, .view = &view, .x11_display = -1};
	int r = 0;

	for (size_t i = 0; r == 0 && i < countof(parts); i++)
		r = parts[i](&c, e);
	context_done(&c);
	if (r == 0)
		sort_phases(ret);
	return r;
}
