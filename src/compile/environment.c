/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* environment: a list of names, and what the sandbox itself has to say; all else is dropped. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compile/open.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"

/* What other engines give an image that says none. */
#define IMAGE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool has(const struct strv *v, const char *assignment)
{
	size_t len = strcspn(assignment, "=") + 1;

	for (size_t i = 0; i < v->count; i++)
		if (strncmp(v->v[i], assignment, len) == 0)
			return true;
	return false;
}

/* A later one of the same name takes the place of the earlier. */
static void put_assignment(struct strv *v, const char *text)
{
	autofree char *assignment = xstrdup(text);
	size_t len = strcspn(text, "=") + 1;

	for (size_t i = 0; i < v->count; i++) {
		if (strncmp(v->v[i], assignment, len) == 0) {
			char *old = v->v[i];

			v->v[i] = take(assignment);
			assignment = old;
			return;
		}
	}
	strv_take(v, take(assignment));
}

static void put(struct strv *v, const char *name, const char *value)
{
	autofree char *assignment = xasprintf("%s=%s", name, value);

	put_assignment(v, assignment);
}

static bool matches(const struct entry *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (fnmatch(list->v[i].text, name, 0) == 0)
			return true;
	return false;
}

/* By its whole name. */
static bool names(const struct entry *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->v[i].text, name))
			return true;
	return false;
}

static bool good_name(const char *assignment)
{
	size_t len = strcspn(assignment, "=");

	if (!len || !assignment[len])
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)assignment[i] <= ' ' || (unsigned char)assignment[i] >= 0x7f)
			return false;
	return true;
}

static void pass(const struct context *c, struct strv *out)
{
	for (char **p = c->host->environ; p && *p; p++) {
		autofree char *name = xstrndup(*p, strcspn(*p, "="));

		if (good_name(*p) && !has(out, *p) &&
		    (input_method_is_variable(name) ? names : matches)(&c->policy->entry[SET_environment_pass], name))
			strv_add(out, *p);
	}
}

/* It comes first: what the caller has is not what the image was made for. */
static void of_image(const struct context *c, struct strv *out)
{
	const struct strv *list = c->host->image ? &c->host->image->environment : NULL;

	if (list)
		put(out, "PATH", IMAGE_PATH);
	for (size_t i = 0; list && i < list->count; i++) {
		autofree char *name = xstrndup(list->v[i], strcspn(list->v[i], "="));

		if (good_name(list->v[i]))
			put(out, name, strchr(list->v[i], '=') + 1);
	}
}

/* Without relative folders: they would be looked up in whatever folder the payload is in. */
static char *search_path(const struct strv *out)
{
	struct str path = {0};

	for (size_t i = 0; i < out->count; i++) {
		if (!str_starts(out->v[i], "PATH="))
			continue;
		for (const char *p = out->v[i] + 5; *p;) {
			size_t len = strcspn(p, ":");

			if (*p == '/')
				str_addf(&path, "%s%.*s", path.len ? ":" : "", (int)len, p);
			p += len + (p[len] == ':');
		}
	}
	return path.len ? path.s : xstrdup(DEFAULT_PATH);
}

/* Ours comes first in a list of folders. */
static void put_first(struct strv *out, const char *name, const char *folder, const char *otherwise)
{
	autofree char *start = xasprintf("%s=", name), *list = NULL;

	for (size_t i = 0; i < out->count; i++)
		if (str_starts(out->v[i], start) && out->v[i][strlen(start)])
			list = (free(list), xasprintf("%s:%s", folder, out->v[i] + strlen(start)));
	if (!list)
		list = xasprintf("%s:%s", folder, otherwise);
	put(out, name, list);
}

/* So that what a program would start to open a link is ours, whether it looks for xdg-open, or, as GLib, for entries of
 * menus. */
static void open_outside(struct strv *out)
{
	put_first(out, "PATH", OPEN_PROGRAMS, DEFAULT_PATH);
	put_first(out, "XDG_DATA_DIRS", OPEN_DATA, "/usr/local/share:/usr/share");
	put(out, "BROWSER", OPEN_PROGRAMS "/xdg-open");
}

static void own(const struct context *c, struct strv *out)
{
	autofree char *runtime = xasprintf("/run/user/%u", c->inner_uid), *path = search_path(out);
	autostrv struct strv desktop = {0};

	put(out, "HOME", c->inner_home);
	put(out, "USER", c->inner_user);
	put(out, "LOGNAME", c->inner_user);
	put(out, "PATH", path);
	if (c->policy->openers)
		open_outside(out);
	if (!c->bare)
		put(out, "XDG_RUNTIME_DIR", runtime);
	if (c->x11_display >= 0) {
		autofree char *display = xasprintf(":%d", c->x11_display),
			      *authority = xasprintf("%s/.Xauthority", runtime);

		put(out, "DISPLAY", display);
		if (c->x11_authority)
			put(out, "XAUTHORITY", authority);
	}
	compile_dbus_environment(c, &desktop);
	compile_input_method_environment(c, &desktop);
	for (size_t i = 0; i < desktop.count; i++)
		put_assignment(out, desktop.v[i]);
	if (c->sound) {
		autofree char *server = xasprintf("unix:%s/pulse/native", runtime);

		put(out, "PULSE_SERVER", server); /* else a client would try to start one */
	}
	if (c->wayland_shown)
		put(out, "WAYLAND_DISPLAY", "wayland-0");
}

static int set(const struct context *c, struct strv *out, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_environment_set];

	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->v[i].text;
		autofree char *name = xstrndup(text, strcspn(text, "="));

		if (!good_name(text))
			return refuse(c, SET_environment_set, &list->v[i], e, "'%s' is not NAME=VALUE", text);
		put(out, name, strchr(text, '=') + 1);
	}
	return 0;
}

int compile_environment(struct context *c, struct err *e)
{
	autostrv struct strv out = {0};
	autostr struct str data = {0};
	char buf[WHY_SIZE];
	int r;

	of_image(c, &out);
	pass(c, &out);
	own(c, &out);
	r = set(c, &out, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < out.count; i++) {
		autofree char *name = xstrndup(out.v[i], strcspn(out.v[i], "="));

		if (!matches(&c->policy->entry[SET_environment_unset], name))
			str_add_bytes(&data, out.v[i], strlen(out.v[i]) + 1);
		if (str_eq(name, "PATH"))
			c->inner_path = xstrdup(out.v[i] + 5);
	}
	plan_add(c->plan, STEP_ENVIRONMENT, why(c, SET_environment_pass, buf), NULL, NULL, 0, 0);
	plan_data(c->plan, data.s ? data.s : "", data.len);
	return 0;
}
