/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* points: mount points in folders of the host. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/files.h"

bool compile_will_be_made(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_HOST_MKDIR && path_below(plan_text(plan, plan->step[i].a), path))
			return true;
	return false;
}

/* A private home is sbx's own, as a folder with copies is: a missing mount point is made in it. The payload of an
 * earlier run may have put a link there, and that would lead the maker elsewhere. */
static bool make_in_private_home(const struct context *c, const struct view_entry *home, const char *path, bool folder,
				 const char *text)
{
	autofree char *owner = folder ? compile_owner(c, c->host->uid) : NULL;
	struct node node;

	if (!files_is_own(c, home))
		return false;
	for (const char *p = path + strlen(home->source); p; p = strchr(p + 1, '/')) {
		autofree char *above = xstrndup(path, (size_t)(p - path));

		c->host->look(c->host, above, &node);
		if (node.type != NODE_FOLDER && node.type != NODE_NONE)
			return false;
	}
	plan_add(c->plan, folder ? STEP_HOST_MKDIR : STEP_HOST_FILE, text, path, owner, folder ? 0700 : 0, 0);
	return true;
}

int compile_point_on_host(const struct context *c, const struct view_entry *above, const struct view_entry *entry,
			  bool folder, struct err *e)
{
	autofree char *path = view_behind(above, entry->target);
	struct node node;

	c->host->look(c->host, path, &node);
	if (node.type != NODE_NONE && (node.type == NODE_FOLDER) == folder)
		return 0;
	if (node.type == NODE_NONE && ((folder && compile_will_be_made(c->plan, path)) ||
				       make_in_private_home(c, above, path, folder, entry->why)))
		return 0;
	(void)err_set(e, ENOENT, "%s: '%s' can't be a mount point: the host has no such %s below '%s'", entry->why,
		      entry->target, folder ? "folder" : "file", above->target);
	return err_hint(e, "make it on the host first, or show it under another path (SOURCE:TARGET)");
}
