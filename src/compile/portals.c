/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* portals: a program that is no flatpak picks a file by a dialog outside, and gets that file alone.
 *
 *   the program --> the filter of the bus --> the portal --asks--> the user
 *                        | its root has /.flatpak-info      |
 *                        '<---- "who are you?" -------------'
 *   RUNTIME/doc of the document portal: below by-app/IDENTITY is what the user has picked for it; shown at RUNTIME/doc
 *
 * The portals know only flatpak's way to tell who a caller is: a file in the root of the process that talks on the bus.
 * That is the filter. In the program's own root the file would make libraries behave as in flatpak. A caller without it
 * is taken for a program of the host, which need not ask: so the filter has it also where a profile wants no portals.
 */
#include <string.h>

#include "base/mem.h"
#include "compile/dbus.h"
#include "compile/services.h"
#include "compile/view.h"

#define INFO "flatpak-info"

/* Another one for each profile, with what names of applications can have: letters, digits, '-', and '_' as the sign of
 * a byte that is written as its number. Owned by the caller. */
static char *identity(const char *profile)
{
	struct str ret = {0};

	str_add(&ret, "io.sbx.");
	for (const char *p = profile; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '-';

		if (letter || (*p >= '0' && *p <= '9' && p > profile))
			str_add_bytes(&ret, p, 1);
		else
			str_addf(&ret, "_%02x", (unsigned char)*p);
	}
	return ret.s;
}

/* Why there are none; NULL: nothing is in the way. */
static const char *obstacle(const struct context *c, const char *by_app)
{
	struct node node = {.type = NODE_NONE};

	if (c->host->gated)
		return "behind a setuid sbx they can't see who asks";
	if (by_app)
		c->host->look(c->host, by_app, &node);
	return node.type == NODE_FOLDER ? NULL
					: "the document portal does not run, or root asks for another's: "
					  "systemctl --user start xdg-document-portal";
}

/* What the portals read of the sandbox: its name, its number, whether it has the network by itself. */
static void add_info(struct context *c, const char *name, const char *instance, const char *why)
{
	autofree char *text =
		xasprintf("[Application]\nname=%s\n\n[Instance]\ninstance-id=%s\n%s", name, instance,
			  policy_is(c->policy, SET_network_mode, "none") ? "" : "\n[Context]\nshared=network;\n");

	plan_add(c->plan, STEP_SERVICE_FILE, why, INFO, NULL, 0, 0);
	plan_data(c->plan, text, strlen(text));
}

/* The folder of what the user has picked, and how the portals find the processes. */
static int show_documents(struct context *c, const char *name, const char *instance, struct err *e)
{
	const char *runtime = c->host->runtime;
	autofree char *doc = runtime ? xasprintf("%s/doc", runtime) : NULL,
		      *by_app = doc ? xasprintf("%s/by-app", doc) : NULL, *own = NULL, *told = NULL;
	const char *why_not = obstacle(c, by_app);
	char buf[WHY_SIZE];
	const char *text = why(c, SET_desktop_portals, buf);

	if (why_not)
		return desktop_lacks(c, SET_desktop_portals, e, why_not);
	c->portals = true;
	told = xasprintf("%s/.flatpak/%s", runtime, instance);
	own = xasprintf("%s/%s", by_app, name);
	plan_add(c->plan, STEP_INSTANCE, text, told, NULL, 0, 0);
	view_add(c, VIEW_READ_WRITE, doc, own, 1, text)->type = NODE_FOLDER;
	c->host_writable = true; /* what the user picks */
	return 0;
}

int compile_portals(struct context *c, const char *folder, struct strv *ret, struct err *e)
{
	autofree char *name = identity(c->policy->name ? c->policy->name : "default"),
		      *instance = xasprintf("sbx-%s", strrchr(folder, '/') + 1), *info = xasprintf("%s/" INFO, folder);
	char buf[WHY_SIZE];

	if (!c->host->gated) {
		add_info(c, name, instance, why(c, SET_desktop_dbus_session, buf));
		strv_take(ret, service_rule("--ro", info, "/.flatpak-info"));
	}
	return policy_number(c->policy, SET_desktop_portals, 0) ? show_documents(c, name, instance, e) : 0;
}
