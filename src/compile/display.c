/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* display: the X11 and Wayland displays of the caller, as they are or isolated from other programs. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "compile/files.h"
#include "compile/services.h"
#include "display/authority.h"

#define XEPHYR "/usr/bin/Xephyr"

/* Renumbered: no server has the abstract name of this number, so a program that may not connect to abstract sockets
 * falls back to the path, which it can (libxcb takes the EPERM of Landlock for the end). */
enum { X11_SHIFT = 5000 };

static char *socket_of(int display)
{
	return xasprintf("/tmp/.X11-unix/X%d", display);
}

static void cookie(struct context *c, const char *text)
{
	autofree char *path = xasprintf("/run/user/%u/.Xauthority", c->inner_uid);
	struct str data = {0};
	struct view_entry *entry;

	if (!c->host->x11_cookie)
		return;
	authority_add(c->x11_display, c->host->x11_cookie, &data);
	entry = view_add(c, VIEW_FILE, path, NULL, 1, text);
	entry->data = data.s;
	entry->size = data.len;
	entry->mode = 0644; /* below a folder that only the payload can enter */
	c->x11_authority = true;
}

/* As it is. */
static void x11_shared(struct context *c, const char *text)
{
	autofree char *source = socket_of(c->host->x11_display), *target = NULL;

	c->x11_display = c->host->x11_display + X11_SHIFT;
	target = socket_of(c->x11_display);
	view_add(c, VIEW_READ_ONLY, target, source, 1, text)->type = NODE_SOCKET;
	cookie(c, text);
}

/* The server knows its clients as untrusted; each is given to it by a relay, so that none can leave the cookie out. */
static int x11_untrusted(struct context *c, const char *text, struct err *e)
{
	autofree char *server = socket_of(c->host->x11_display), *program = NULL, *show = NULL, *show_program = NULL,
		      *read = NULL, *authority = NULL, *number = NULL, *name = NULL, *target = NULL;
	const char *folder;

	if (services_folder(c, SET_desktop_x11, &folder, e) < 0)
		return -e->code;
	c->x11_display = c->host->x11_display + X11_SHIFT;
	number = xasprintf("%d", c->x11_display);
	name = xasprintf("X%d", c->x11_display);
	target = socket_of(c->x11_display);
	plan_add(c->plan, STEP_X11_UNTRUSTED, text, "untrusted", server, (uint64_t)c->x11_display, 0);
	if (c->host->x11_cookie)
		plan_data(c->plan, c->host->x11_cookie, COOKIE_SIZE);
	program = xasprintf("%s/sbx-x11", c->host->helper_folder);
	show = service_rule("--ro", server, NULL);
	show_program = service_rule("--ro", program, NULL);
	authority = xasprintf("%s/untrusted", folder);
	read = service_rule("--ro", authority, NULL);
	service_add(c, text, "x11-relay", name, (const char *const[]){show, show_program, read, NULL},
		    (const char *const[]){program, server, authority, number, NULL});
	service_show(c, text, name, target);
	return 0;
}

/* A server of its own, which is one window of the caller's. It finds that one beside its own socket, in the folder of
 * the services, for it looks nowhere else. */
static int x11_nested(struct context *c, const char *text, struct err *e)
{
	int outer = c->host->x11_display + X11_SHIFT, inner = outer + 1;
	autofree char *server = socket_of(c->host->x11_display), *outer_name = xasprintf("X%d", outer),
		      *inner_name = xasprintf("X%d", inner), *seen = socket_of(outer),
		      *shown = service_rule("--ro", server, seen), *display = xasprintf("--env=DISPLAY=:%d", outer),
		      *own = xasprintf(":%d", inner), *write = NULL, *target = socket_of(inner);
	autostr struct str data = {0};
	const char *folder;

	if (services_folder(c, SET_desktop_x11, &folder, e) < 0)
		return -e->code;
	c->x11_display = inner;
	plan_add(c->plan, STEP_SERVICE_FILE, text, outer_name, NULL, 0, 0); /* for the socket to be shown on */
	if (c->host->x11_cookie)
		authority_add(outer, c->host->x11_cookie, &data);
	plan_add(c->plan, STEP_SERVICE_FILE, text, "authority", NULL, 0, 0);
	plan_data(c->plan, data.s ? data.s : "", data.len);
	write = service_rule("--rw", folder, "/tmp/.X11-unix");
	service_add(c, text, "xephyr", NULL, (const char *const[]){write, shown, display, NULL},
		    (const char *const[]){XEPHYR, own, "-displayfd", "3", "-nolisten", "tcp", "-noreset", "-resizeable",
					  "-screen", "1280x800", "-title", "sbx", NULL});
	service_show(c, text, inner_name, target);
	return 0;
}

/* Which way, is the server's to say. */
static int x11_isolated(struct context *c, const char *text, struct err *e)
{
	const struct err *missing = &c->host->x11_untrusted;
	struct node node;

	if (!missing->code)
		return x11_untrusted(c, text, e);
	if (missing->code != ENOTSUP)
		return refuse(c, SET_desktop_x11, NULL, e, "%s", missing->text);
	if (c->wayland_shown) { /* Xwayland has no such extension */
		autofree char *reason = xasprintf("%s, and the Wayland display is there", missing->text);

		plan_add(c->plan, STEP_SKIP, text, "x11", reason, 0, 0);
		return 0;
	}
	c->host->look(c->host, XEPHYR, &node);
	if (node.type == NODE_FILE)
		return x11_nested(c, text, e);
	(void)refuse(c, SET_desktop_x11, NULL, e, "%s, and Xephyr is not installed", missing->text);
	return err_hint(e, "install the package xserver-xephyr, or, not isolated from other programs of the display: "
			   "--set=desktop.x11=yes");
}

static void wayland_shared(struct context *c, const char *text)
{
	autofree char *target = xasprintf("/run/user/%u/wayland-0", c->inner_uid);

	view_add(c, VIEW_READ_ONLY, target, c->host->wayland_socket, 1, text)->type = NODE_SOCKET;
	c->wayland_shown = true;
}

/* io.sbx.PROFILE, in the letters of such names. */
static char *app_id(const struct context *c)
{
	char *id = xasprintf("io.sbx.%s", c->policy->name ? c->policy->name : "default");

	for (char *p = id + strlen("io.sbx."); *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *p))
			*p = '_';
	return id;
}

static void add_text(struct str *data, const char *text)
{
	str_add_bytes(data, text, strlen(text) + 1);
}

/* The compositor knows its clients as a sandbox's, and keeps from them what lets others watch and type. */
static int wayland_context(struct context *c, const char *text, struct err *e)
{
	autofree char *target = xasprintf("/run/user/%u/wayland-0", c->inner_uid), *id = app_id(c);
	autostr struct str data = {0};
	const char *folder;

	if (services_folder(c, SET_desktop_wayland, &folder, e) < 0)
		return -e->code;
	add_text(&data, "io.sbx");
	add_text(&data, id);
	add_text(&data, strrchr(folder, '/') + 1);
	plan_add(c->plan, STEP_WAYLAND_CONTEXT, text, "wayland", c->host->wayland_socket, 0, 0);
	plan_data(c->plan, data.s, data.len);
	service_show(c, text, "wayland", target);
	c->wayland_shown = true;
	return 0;
}

static int wayland(struct context *c, struct err *e)
{
	const struct err *missing = &c->host->wayland_context;
	char buf[WHY_SIZE];
	const char *text = why(c, SET_desktop_wayland, buf);

	if (policy_is(c->policy, SET_desktop_wayland, "yes")) {
		wayland_shared(c, text);
		return 0;
	}
	if (!missing->code)
		return wayland_context(c, text, e);
	if (missing->code != ENOTSUP)
		return refuse(c, SET_desktop_wayland, NULL, e, "%s", missing->text);
	if (missing_layer(c, "wayland", e, "%s", missing->text) < 0)
		return err_prefix(e, "%s: desktop.wayland", text);
	wayland_shared(c, text);
	return 0;
}

int compile_display(struct context *c, struct err *e)
{
	bool want_x11 = !policy_is(c->policy, SET_desktop_x11, "no"),
	     want_wayland = !policy_is(c->policy, SET_desktop_wayland, "no");
	char buf[WHY_SIZE];
	const char *text = why(c, SET_desktop_x11, buf);

	if (want_wayland && c->host->wayland_socket && wayland(c, e) < 0)
		return -e->code;
	if (want_x11 && c->host->x11_display >= 0) {
		if (policy_is(c->policy, SET_desktop_x11, "yes"))
			x11_shared(c, text);
		else if (x11_isolated(c, text, e) < 0)
			return -e->code;
	}
	if ((!want_x11 && !want_wayland) || c->x11_display >= 0 || c->wayland_shown)
		return 0;
	(void)refuse(c, want_x11 ? SET_desktop_x11 : SET_desktop_wayland, NULL, e, "there is no display");
	return err_hint(
		e,
		"set DISPLAY or WAYLAND_DISPLAY, or start it without: --set=desktop.x11=no --set=desktop.wayland=no");
}
