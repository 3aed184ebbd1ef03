/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dbus: a bus of the host is seen through a filter, which is another program's work. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "compile/services.h"

#define PROXY "/usr/bin/xdg-dbus-proxy"

/* The path of the session bus; NULL: there is none that has one. Owned by the caller. */
static char *session_bus(const struct host *host)
{
	static const char form[] = "unix:path=";
	const char *address = host_env(host, "DBUS_SESSION_BUS_ADDRESS");

	if (address && str_starts(address, form))
		return xstrndup(address + strlen(form), strcspn(address + strlen(form), ",;"));
	return !address && host->runtime ? xasprintf("%s/bus", host->runtime) : NULL;
}

static void rules(const struct context *c, enum setting_id id, const char *option, struct strv *words)
{
	const struct entry *list = &c->policy->entry[id];

	for (size_t i = 0; i < list->count; i++)
		strv_take(words, xasprintf("--%s=%s", option, list->v[i].text));
}

static int session(struct context *c, struct err *e)
{
	autofree char *bus = session_bus(c->host), *address = bus ? xasprintf("unix:path=%s", bus) : NULL,
		      *target = xasprintf("/run/user/%u/bus", c->inner_uid), *socket = NULL, *show = NULL,
		      *write = NULL;
	autostrv struct strv words = {0};
	const char *folder = NULL;
	char buf[WHY_SIZE];
	struct node node = {.type = NODE_NONE};
	int r = services_folder(c, SET_desktop_dbus_session, &folder, e);

	if (r < 0)
		return r;
	if (bus)
		c->host->look(c->host, bus, &node);
	if (node.type != NODE_SOCKET)
		return refuse(c, SET_desktop_dbus_session, NULL, e, "there is no session bus");
	c->host->look(c->host, PROXY, &node);
	if (node.type != NODE_FILE) {
		(void)refuse(c, SET_desktop_dbus_session, NULL, e, "%s is not installed", strrchr(PROXY, '/') + 1);
		return err_hint(e, "install the package xdg-dbus-proxy, or: --set=desktop.dbus-session=no");
	}
	socket = xasprintf("%s/session-bus", folder);
	show = xasprintf("--ro=%s", bus);
	write = xasprintf("--rw=%s", folder);
	strv_add(&words, PROXY);
	strv_add(&words, "--fd=3");
	strv_add(&words, address);
	strv_add(&words, socket);
	strv_add(&words, "--filter");
	rules(c, SET_desktop_dbus_talk, "talk", &words);
	rules(c, SET_desktop_dbus_own, "own", &words);
	{
		const char *const options[] = {show, write, NULL};

		service_add(c, why(c, SET_desktop_dbus_session, buf), "dbus-proxy", options,
			    (const char *const *)words.v);
	}
	service_show(c, why(c, SET_desktop_dbus_session, buf), "session-bus", target);
	return 0;
}

int compile_dbus(struct context *c, struct err *e)
{
	return policy_is(c->policy, SET_desktop_dbus_session, "filter") ? session(c, e) : 0;
}
