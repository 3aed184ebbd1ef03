/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pins: what is hidden, or read-only, below a folder that the payload can write is so by its path. If the payload could
 * rename a folder on the way, the rule would find nothing in the next run, and that would show the thing under its new
 * name. A mount point can't be renamed: so each folder on the way becomes one. */
#include "compile/view.h"

#include <string.h>

#include "base/mem.h"

static bool has_exec_rule(const struct view *view, const char *path)
{
	for (size_t i = 0; i < view->exec_count; i++)
		if (str_eq(view->exec[i].path, path))
			return true;
	return false;
}

/* Does the entry take something away from what the writable mount above it shows there? */
static bool takes_away(const struct context *c, const struct view_entry *entry, const struct view_entry *above)
{
	autofree char *real = view_behind(above, entry->target);
	bool same = entry->source && str_eq(entry->source, real);
	struct node node;

	if (entry->kind == VIEW_READ_ONLY || entry->kind == VIEW_OVERLAY ||
	    (entry->kind == VIEW_READ_WRITE && has_exec_rule(c->view, entry->target)))
		return same;
	if (entry->kind != VIEW_HIDE && entry->kind != VIEW_SCRATCH)
		return false;
	c->host->look(c->host, real, &node);
	return node.type != NODE_NONE;
}

void view_pin(struct context *c)
{
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i],
					*above = view_mount_above(c->view, entry->target, entry);
		autofree char *target = xstrdup(entry->target), *why_text = xstrdup(entry->why);
		size_t start;

		if (!above || above->kind != VIEW_READ_WRITE || !takes_away(c, entry, above))
			continue;
		start = above->target[1] ? strlen(above->target) : 0;
		for (const char *p = strchr(target + start + 1, '/'); p; p = strchr(p + 1, '/')) {
			autofree char *parent = xstrndup(target, (size_t)(p - target)), *source = NULL;

			/* adding may move all entries */
			above = view_mount_above(c->view, parent, NULL);
			source = view_behind(above, parent);
			if (!view_find(c->view, parent))
				view_add(c, VIEW_READ_WRITE, parent, source, above->layer, why_text);
		}
	}
}
