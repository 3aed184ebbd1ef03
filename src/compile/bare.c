/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bare: the view where no namespaces can be made. The payload is in the host's tree, and Landlock alone says what of it
 * may be opened. It can only add rights from the root down, so what a profile wants hidden, or weaker than what is
 * above it, or at another place, is refused. What only mounts can make (private folders, files of sbx) is not there:
 * that is closed. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "compile/files.h"
#include "compile/landlock.h"

static int cannot(const struct view_entry *entry, struct err *e, const char *what)
{
	(void)err_set(e, ENOTSUP, "%s: '%s' can't be %s without namespaces", entry->why, entry->target, what);
	return err_hint(e, "leave it out of the profile, or run where namespaces can be made");
}

static bool is_there(const struct context *c, const char *path)
{
	struct node node;

	c->host->look(c->host, path, &node);
	return node.type != NODE_NONE;
}

/* At the target of a bind there is, on the host too, what it shows. */
static bool in_place(const struct context *c, const struct view_entry *entry)
{
	autofree char *real = NULL;
	struct err none = {0};

	return host_resolve(c->host, entry->target, &real, NULL, &none) == 0 && str_eq(real, entry->source);
}

static int check(const struct context *c, const struct view_entry *entry, struct err *e)
{
	const struct view_entry *above = view_bind_above(c->view, entry->target, entry);

	if (view_is_bind(entry->kind) && !in_place(c, entry))
		return cannot(entry, e, "something else than it is on the host");
	if (view_is_bind(entry->kind) && above && landlock_less_open(c, entry, above))
		return cannot(entry, e, "less open than what is above it");
	if (entry->kind == VIEW_HIDE && above && is_there(c, entry->target))
		return cannot(entry, e, "hidden");
	if (entry->kind == VIEW_SCRATCH && above)
		return cannot(entry, e, "an empty folder");
	return 0;
}

/* A display is reached by a socket, and none of those is open. */
static int check_policy(struct context *c, struct err *e)
{
	static const enum setting_id ids[] = {SET_desktop_x11, SET_desktop_wayland};

	for (size_t i = 0; i < countof(ids); i++)
		if (!policy_is(c->policy, ids[i], "no"))
			return refuse(c, ids[i], NULL, e, "it needs namespaces");
	if (policy_is(c->policy, SET_process_terminal, "own"))
		return refuse(c, SET_process_terminal, NULL, e, "a terminal of its own needs namespaces");
	if (policy_is(c->policy, SET_filesystem_home, "private"))
		return refuse(c, SET_filesystem_home, NULL, e, "a private home needs namespaces");
	return policy_is(c->policy, SET_syscalls_base, "none")
		       ? refuse(c, SET_syscalls_base, NULL, e, "without namespaces the filter must be there")
		       : 0;
}

int compile_bare(struct context *c, struct err *e)
{
	int r = check_policy(c, e);

	for (size_t i = 0; r == 0 && i < c->view->count; i++)
		r = check(c, &c->view->entry[i], e);
	return r;
}
