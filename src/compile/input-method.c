/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* input-method: what turns keys into text that no key has. The toolkits choose it by variables; IBus and Fcitx are
 * talked to over the session bus, by the portals that they have for sandboxes (rules: dbus-words.c). Who is told to use
 * one that can't be reached may lose all keys, so a variable is passed only where what it names is there. */
#include <string.h>

#include "base/mem.h"
#include "compile/context.h"

/* A value is words, as "ibus:xim" for GTK; of another program's modules nothing is known. */
static const char separators[] = ":;";
static const char *const by_bus[] = {"ibus", "fcitx", "fcitx5"};
static const char *const by_x11[] = {"xim"};
static const char *const by_itself[] = {
	"none", "simple", "compose", "wayland", "gtk-im-context-simple", "gtk-im-context-none"};

static const char *const variables[] = {"GTK_IM_MODULE", "QT_IM_MODULE", "QT_IM_MODULES", "SDL_IM_MODULE"};
static const char xim_variable[] = "XMODIFIERS", xim_start[] = "@im=";

static bool is_one_of(const char *word, size_t len, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == len && strncmp(word, list[i], len) == 0)
			return true;
	return false;
}

/* All of its words are in the list; an empty value has none. */
static bool only(const char *value, const char *const *list, size_t count)
{
	const char *p = value;

	while (*p) {
		size_t len = strcspn(p, separators);

		if (!is_one_of(p, len, list, count))
			return false;
		p += len;
		p += strspn(p, separators);
	}
	return p > value;
}

static bool has_any(const char *value, const char *const *list, size_t count)
{
	for (const char *p = value; *p; p += strspn(p, separators)) {
		size_t len = strcspn(p, separators);

		if (is_one_of(p, len, list, count))
			return true;
		p += len;
	}
	return false;
}

bool input_method_is_variable(const char *name)
{
	for (size_t i = 0; i < countof(variables); i++)
		if (str_eq(variables[i], name))
			return true;
	return str_eq(xim_variable, name);
}

bool compile_input_method(const struct context *c)
{
	const char *xim = host_env(c->host, xim_variable);
	bool named = xim && str_starts(xim, xim_start) && only(xim + strlen(xim_start), by_bus, countof(by_bus));

	for (size_t i = 0; i < countof(variables) && !named; i++) {
		const char *value = host_env(c->host, variables[i]);

		named = value && has_any(value, by_bus, countof(by_bus));
	}
	return named && policy_number(c->policy, SET_desktop_input_method, 0);
}

/* XIM goes through what X11 programs share: its selections, properties and messages. */
static bool has_xim(const struct context *c)
{
	return c->x11_display >= 0 && policy_is(c->policy, SET_desktop_x11, "yes");
}

static void pass(const struct context *c, const char *name, bool bus, struct strv *ret)
{
	const char *value = host_env(c->host, name), *known[countof(by_bus) + countof(by_x11) + countof(by_itself)];
	size_t count = 0;

	for (size_t i = 0; i < countof(by_itself); i++)
		known[count++] = by_itself[i];
	for (size_t i = 0; i < countof(by_bus) && bus; i++)
		known[count++] = by_bus[i];
	for (size_t i = 0; i < countof(by_x11) && has_xim(c); i++)
		known[count++] = by_x11[i];
	if (value && only(value, known, count))
		strv_take(ret, xasprintf("%s=%s", name, value));
}

/* "@im=NAME": NAME is that of a selection, of which nobody but libX11 makes anything. */
static bool is_xim_name(const char *value)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *name;
	size_t len;

	if (!str_starts(value, xim_start))
		return false;
	name = value + strlen(xim_start);
	len = strspn(name, chars);
	return len > 0 && len <= 32 && !name[len];
}

void compile_input_method_environment(const struct context *c, struct strv *ret)
{
	const char *xim = host_env(c->host, xim_variable);
	bool bus = compile_input_method(c) && compile_has_bus(c, BUS_SESSION);

	/* libX11 finds a method of XIM also where no variable names one, and its window is not for an isolated client,
	 * who would end with an error of X11. */
	if (c->x11_display >= 0 && !has_xim(c))
		strv_take(ret, xasprintf("%s=%snone", xim_variable, xim_start));
	if (!policy_number(c->policy, SET_desktop_input_method, 0))
		return;
	for (size_t i = 0; i < countof(variables); i++)
		pass(c, variables[i], bus, ret);
	if (xim && has_xim(c) && is_xim_name(xim))
		strv_take(ret, xasprintf("%s=%s", xim_variable, xim));
	if (!bus)
		return;
	strv_add(ret, "IBUS_USE_PORTAL=1"); /* else it looks for a bus of its own, which knows no limits */
	/* The portal lets any program say what the fields of any other are for, so that is not let through: fields of
	 * passwords would look like all others, and be learned from. */
	strv_add(ret, "IBUS_DISCARD_PASSWORD=1");
}
