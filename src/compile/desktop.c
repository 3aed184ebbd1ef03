/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop: what of the session is shown, and what is covered. */
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/files.h"
#include "compile/open.h"

int compile_desktop(struct context *c, struct err *e)
{
	int r = compile_display(c, e);

	if (r == 0)
		r = compile_dbus(c, e);
	if (r == 0)
		r = compile_session_files(c, e);
	if (r == 0)
		r = compile_open(c, e);
	return r < 0 ? r : compile_sound(c, e);
}

static void hide_if_shown(struct context *c, const char *path)
{
	enum node_type type;

	if (!view_find(c->view, path) && view_shows(c, path, &type))
		view_add(c, VIEW_HIDE, path, NULL, 0, "session");
}

/* A folder of the host that is shown by another name: what is below it has another name, too. */
static bool is_renamed(const struct view_entry *entry)
{
	return view_is_bind(entry->kind) && entry->type == NODE_FOLDER && !str_eq(entry->source, entry->target);
}

/* By its own name and by every other, but where a rule names just it. */
static void cover(struct context *c, const char *path)
{
	hide_if_shown(c, path);
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];
		autofree char *real = is_renamed(entry) ? host_real(c->host, path) : NULL, *target = NULL;

		if (!real || str_eq(real, entry->source) || !path_below(real, entry->source))
			continue;
		target = view_before(entry, real);
		if (view_above(c->view, target, NULL) == entry)
			hide_if_shown(c, target);
	}
}

static void cover_below(struct context *c, const char *folder, const char *const *names, size_t count)
{
	for (size_t i = 0; folder && i < count; i++) {
		autofree char *path = xasprintf("%s/%s", folder, names[i]);

		cover(c, path);
	}
}

/* The socket whose path a variable of the caller has. */
static void cover_named(struct context *c, const char *variable)
{
	const char *path = host_env(c->host, variable);

	if (path && path[0] == '/' && !strstr(path, ".."))
		cover(c, path);
}

/* Compositors take the first free number, so more than one may be there. */
static void cover_displays(struct context *c)
{
	autostrv struct strv names = {0};
	const char *runtime = c->host->runtime;
	bool shown = false;

	cover_named(c, "WAYLAND_DISPLAY");
	for (size_t i = 0; runtime && !shown && i < c->view->count; i++)
		shown = view_is_bind(c->view->entry[i].kind) && path_below(runtime, c->view->entry[i].source);
	if (shown)
		c->host->list(c->host, runtime, &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("%s/%s", runtime, names.v[i]);

		if (str_starts(names.v[i], "wayland-"))
			cover(c, path);
	}
}

/* What is not there yet, another run would make while this command sees the folder above it: so it is made now. */
static void make_first(struct context *c, const char *path)
{
	autofree char *real = host_real(c->host, path);
	bool made = false;
	struct node node;

	c->host->look(c->host, real, &node);
	for (size_t i = 0; node.type == NODE_NONE && i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];
		autofree char *target = NULL;

		if (!view_is_bind(entry->kind) || str_eq(real, entry->source) || !path_below(real, entry->source))
			continue;
		target = view_before(entry, real);
		if (view_above(c->view, target, NULL) != entry)
			continue;
		if (!made)
			plan_add(c->plan, STEP_HOST_MKDIR, "session", real, NULL, 0700, 0);
		made = true;
		view_add(c, VIEW_HIDE, target, NULL, 0, "session"); /* this may move `entry` */
	}
}

/* Of all runs: a service's own has its folder below, and what is opened here its file. */
static void cover_services(struct context *c)
{
	const char *folder = c->host->services;
	autofree char *above = folder ? xstrndup(folder, (size_t)(strrchr(folder, '/') - folder)) : NULL,
		      *copies = compile_copies(c);

	for (size_t i = 0; above && i < 2; i++) {
		cover(c, i ? copies : above);
		make_first(c, i ? copies : above);
	}
}

/* Where PULSE_SERVER says that it is. */
static void cover_sound(struct context *c)
{
	autofree char *server = compile_sound_server(c->host);

	if (server)
		cover(c, server);
}

/* Sockets that give away the session, and the store of sbx itself. */
static void cover_session(struct context *c)
{
	static const char *const of_system[] = {"sbx",
						"docker.sock",
						"containerd/containerd.sock",
						"podman/podman.sock",
						"systemd/private",
						"dbus/system_bus_socket"};
	static const char *const of_home[] = {".gnupg/S.gpg-agent", ".gnupg/S.gpg-agent.ssh",
					      ".gnupg/S.gpg-agent.extra", ".local/share/sbx"};
	static const char *const of_runtime[] = {
		"bus", "systemd", "sbx", "docker.sock", "podman/podman.sock", "gnupg", "keyring", "gcr",
		/* all programs' windows and keys; what was picked for other programs */
		"at-spi", "doc", ".flatpak",
		/* a client of a sound server loads modules, which write files of
		   the host */
		"pulse/native", "pipewire-0", "pipewire-0-manager"};
	static const char *const of_data[] = {"sbx"};
	static const char *const of_cache[] = {"ibus"}; /* the sockets of IBus's own bus, on which anybody reads keys */

	cover_below(c, "/run", of_system, countof(of_system));
	cover(c, "/var/run/docker.sock");
	cover(c, "/var/lib/sbx"); /* root's images and boxes */
	cover_below(c, c->host->home, of_home, countof(of_home));
	cover_named(c, "SSH_AUTH_SOCK");
	cover_below(c, c->host->runtime, of_runtime, countof(of_runtime));
	cover_below(c, c->host->data, of_data, countof(of_data));
	cover_below(c, c->host->cache, of_cache, countof(of_cache));
	cover_services(c);
	cover_sound(c);
	if (c->x11_display < 0)
		cover(c, "/tmp/.X11-unix");
	cover_displays(c);
}

static const char never[] = PROFILES_NEVER_WRITABLE;

/* A writable piece of a profile folder. */
static void read_only(struct context *c, const struct view_entry *entry)
{
	autofree char *target = xstrdup(entry->target), *source = xstrdup(entry->source);
	enum node_type type = entry->type;

	view_add(c, VIEW_READ_ONLY, target, source, UINT32_MAX, never)->type = type;
}

/* Covers a profile folder where one writable piece of the host shows it, whatever it is called inside. That nobody
 * moves the folders above it away, and makes new ones, is seen to by view_pin(). */
static void protect_profile(struct context *c, const struct view_entry *shown, const char *real)
{
	autofree char *target = view_before(shown, real);
	struct node node;

	if (view_above(c->view, target, NULL) != shown)
		return; /* another rule says what is seen there */
	c->host->look(c->host, real, &node);
	if (node.type == NODE_NONE)
		plan_add(c->plan, STEP_HOST_MKDIR, never, real, NULL, 0700, 0);
	view_add(c, VIEW_READ_ONLY, target, real, UINT32_MAX, never);
}

/* In a home of which a copy is written, what is of sbx has no use: none of it would be committed. */
static void hide_in_overlay(struct context *c, const struct view_entry *overlay, const char *real)
{
	autofree char *target = view_before(overlay, real);

	if (!str_eq(real, overlay->source) && policy_is(c->policy, SET_filesystem_home, "overlay") &&
	    view_above(c->view, target, NULL) == overlay)
		(void)view_add(c, VIEW_HIDE, target, NULL, 0, "of sbx itself");
}

/* A profile folder that could be written inside would decide over the next run: it is shown read-only, and made first
 * if it is missing, so that nobody inside can make it. */
static void protect_profiles(struct context *c)
{
	for (size_t i = 0; i < c->policy->folders.count; i++) {
		autofree char *real = host_real(c->host, c->policy->folders.v[i]);

		for (size_t j = 0; j < c->view->count; j++) {
			const struct view_entry *entry = &c->view->entry[j];

			if (entry->kind == VIEW_OVERLAY && path_below(real, entry->source))
				hide_in_overlay(c, entry, real); /* this may move `entry` */
			else if (entry->kind != VIEW_READ_WRITE)
				continue;
			else if (path_below(entry->source, real))
				read_only(c, entry);
			else if (path_below(real, entry->source))
				protect_profile(c, entry, real);
		}
	}
}

void compile_protect(struct context *c)
{
	cover_session(c);
	protect_profiles(c);
}
