/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box: a box is carried in and out, and is at /box. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/files.h"

static int check_box(const struct context *c, struct err *e)
{
	if (c->host->gated) {
		(void)refuse(c, SET_box_name, NULL, e, "the setuid sbx has no boxes");
		return err_hint(e, "where users may make user namespaces, an sbx without setuid has them");
	}
	if (c->bare)
		return refuse(c, SET_box_name, NULL, e, "a box can't be had without namespaces");
	if (!c->host->boxes)
		return refuse(c, SET_box_name, NULL, e, "the caller has no home, in which boxes would be");
	if (c->policy->entry[SET_box_collect].count > PLAN_MAX_PATTERNS)
		return refuse(c, SET_box_collect, NULL, e, "there are more than %d patterns", PLAN_MAX_PATTERNS);
	return 0;
}

/* The step by which the monitor fills and empties the box. */
static int carry(struct context *c, const char *name, const char *text, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_box_collect];
	int64_t size = policy_number(c->policy, SET_box_size, 0);
	autofree char *path = xasprintf("%s/%s", c->host->boxes, name), *real = host_real(c->host, path);
	autostr struct str patterns = {0};
	struct node node;

	c->host->look(c->host, real, &node);
	if (node.type != NODE_FOLDER) {
		(void)refuse(c, SET_box_name, NULL, e, "there is no box '%s' in '%s'", name, c->host->boxes);
		return err_hint(e, "sbxctl box create %s", name);
	}
	plan_add(c->plan, STEP_CARRY, text, real, NULL, (uint64_t)policy_number(c->policy, SET_box_file_size, size), 0);
	for (size_t i = 0; i < list->count; i++)
		str_add_bytes(&patterns, list->v[i].text, strlen(list->v[i].text) + 1);
	if (patterns.len)
		plan_data(c->plan, patterns.s, patterns.len);
	return 0;
}

int compile_box(struct context *c, struct err *e)
{
	const struct value *name = policy_value(c->policy, SET_box_name);
	char buf[WHY_SIZE];
	const char *text = why(c, SET_box_name, buf);

	if (!name)
		return 0;
	if (check_box(c, e) < 0)
		return -e->code;
	(void)view_add(c, VIEW_BOX, BOX_PATH, NULL, name->layer, text);
	return carry(c, name->text, text, e);
}

int compile_box_place(const struct context *c, struct err *e)
{
	for (size_t i = 0; policy_value(c->policy, SET_box_name) && i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];

		if (entry->kind == VIEW_BOX || !path_below(entry->target, BOX_PATH))
			continue;
		(void)err_set(e, EINVAL, "%s: '%s' is where the box is: nothing else can be shown or hidden there",
			      entry->why, entry->target);
		return err_hint(e, "put it into the box (sbxctl box put), or show it at another place");
	}
	return 0;
}

void compile_box_mount(struct context *c, const struct view_entry *entry, const char *owner, uint64_t attributes)
{
	char buf[WHY_SIZE];

	plan_add(c->plan, STEP_BOX, why(c, SET_box_size, buf), NULL, NULL,
		 (uint64_t)policy_number(c->policy, SET_box_size, 0),
		 (uint64_t)policy_number(c->policy, SET_box_inodes, 0));
	plan_add(c->plan, STEP_BOX_MOUNT, entry->why, entry->target, owner, 0, attributes);
}
