/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grants: the folder where what is granted to a sandbox that runs will be seen. A Landlock domain can't be widened, so
 * its rule must be there from the start; and the program must never be able to write in the folder itself, or it could
 * move what is mounted there. */
#include <errno.h>

#include "base/path.h"
#include "compile/files.h"

/* Who starts once is shown later what it is called with later. Not where nothing can be mounted or joined, and where
 * another setting would have to be refused for it: then a second start is, with its reason. */
static bool is_implied(const struct context *c)
{
	const struct value *value = policy_value(c->policy, SET_filesystem_grants);

	return !policy_is(c->policy, SET_process_instances, "many") &&
	       !policy_is(c->policy, SET_filesystem_open_arguments, "no") && !(value && value->layer) &&
	       !c->host->gated && !c->bare && !c->host->image && !policy_value(c->policy, SET_limits_disk);
}

static bool has_folder(const struct context *c)
{
	return policy_number(c->policy, SET_filesystem_grants, 0) || is_implied(c);
}

int compile_grants(struct context *c, struct err *e)
{
	const struct value *value = policy_value(c->policy, SET_filesystem_grants);
	char buf[WHY_SIZE];

	if (!has_folder(c))
		return 0;
	if (is_implied(c)) {
		c->host_writable = true; /* or will be */
		(void)view_add(c, VIEW_GRANTS, GRANTS_PATH, NULL, policy_value(c->policy, SET_process_instances)->layer,
			       why(c, SET_process_instances, buf));
		return 0;
	}
	if (c->host->gated || c->bare)
		return refuse(c, SET_filesystem_grants, NULL, e, "nothing can be mounted in a sandbox %s",
			      c->bare ? "without namespaces" : "of the setuid sbx");
	if (c->host->image && !policy_is(c->policy, SET_filesystem_image_writes, "no")) {
		(void)refuse(c, SET_filesystem_grants, NULL, e,
			     "the command can write in the image's root, and could move the folder");
		return err_hint(e, "--set=filesystem.image-writes=no");
	}
	c->host_writable = true; /* or will be: the filter, and limits.disk, are made once */
	(void)view_add(c, VIEW_GRANTS, GRANTS_PATH, NULL, value->layer, why(c, SET_filesystem_grants, buf));
	return 0;
}

int compile_grants_place(const struct context *c, struct err *e)
{
	for (size_t i = 0; has_folder(c) && i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];
		bool above = view_is_mount(entry->kind) && path_below(GRANTS_PATH, entry->target);

		if (entry->kind == VIEW_GRANTS || (!above && !path_below(entry->target, GRANTS_PATH)))
			continue;
		return err_set(e, EINVAL,
			       "%s: '%s': %s is the folder of grants (filesystem.grants, process.instances), where "
			       "nothing else is shown",
			       entry->why, entry->target, GRANTS_PATH);
	}
	return 0;
}
