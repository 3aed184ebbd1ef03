/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grants: the folder where what is granted to a sandbox that runs will be seen. A Landlock domain can't be widened, so
 * its rule must be there from the start; and the program must never be able to write in the folder itself, or it could
 * move what is mounted there. */
#include <errno.h>

#include "base/path.h"
#include "compile/files.h"

int compile_grants(struct context *c, struct err *e)
{
	const struct value *value = policy_value(c->policy, SET_filesystem_grants);
	char buf[WHY_SIZE];

	if (!policy_number(c->policy, SET_filesystem_grants, 0))
		return 0;
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
	for (size_t i = 0; policy_number(c->policy, SET_filesystem_grants, 0) && i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];
		bool above = view_is_mount(entry->kind) && path_below(GRANTS_PATH, entry->target);

		if (entry->kind == VIEW_GRANTS || (!above && !path_below(entry->target, GRANTS_PATH)))
			continue;
		return err_set(e, EINVAL,
			       "%s: '%s': %s is the folder of grants (filesystem.grants), where nothing else is shown",
			       entry->why, entry->target, GRANTS_PATH);
	}
	return 0;
}
