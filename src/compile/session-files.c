/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* session-files: what of the desktop is a socket or a folder that needs no filter: printing, dconf. */
#include "base/mem.h"
#include "compile/view.h"

#define CUPS "/run/cups/cups.sock"

static int printing(struct context *c, struct err *e)
{
	struct node node;
	char buf[WHY_SIZE];

	c->host->look(c->host, CUPS, &node);
	if (node.type != NODE_SOCKET || c->bare)
		return desktop_lacks(c, SET_desktop_printing, e,
				     c->bare ? "it needs namespaces" : "there is no " CUPS ": CUPS does not run");
	view_add(c, VIEW_READ_ONLY, CUPS, CUPS, 1, why(c, SET_desktop_printing, buf))->type = NODE_SOCKET;
	return 0;
}

/* The folder, since the service writes a new file and renames it. Who has changed nothing has none; then all is as the
 * programs ship it. */
static void dconf(struct context *c)
{
	autofree char *source = c->host->config ? xasprintf("%s/dconf", c->host->config) : NULL,
		      *target = xasprintf("%s/.config/dconf", c->inner_home), *real = NULL;
	struct node node;
	struct err none = {0};
	char buf[WHY_SIZE];

	if (!source || host_resolve(c->host, source, &real, &node, &none) < 0 || node.type != NODE_FOLDER)
		return;
	view_add(c, VIEW_READ_ONLY, target, real, 1, why(c, SET_desktop_dconf, buf))->type = NODE_FOLDER;
}

int compile_session_files(struct context *c, struct err *e)
{
	if (policy_number(c->policy, SET_desktop_dconf, 0))
		dconf(c);
	return policy_number(c->policy, SET_desktop_printing, 0) ? printing(c, e) : 0;
}
