/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dbus: the buses of the host are seen through a filter, which is another program's work. */
#include "compile/dbus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/services.h"
#include "compile/view.h"

#define PROXY "/usr/bin/xdg-dbus-proxy"
#define SYSTEM_BUS "/run/dbus/system_bus_socket"
enum { MOST_RULES = 200, RULE_LISTS = 4 };

static const char *const list_options[RULE_LISTS] = {"talk", "own", "call", "broadcast"};

static const struct bus_info {
	enum setting_id id;
	const char *name;     /* for messages */
	const char *variable; /* that has its address, outside and inside */
	const char *socket;   /* name in the folder of the services */
	bool has_lists;
	enum setting_id list[RULE_LISTS]; /* as list_options */
} buses[BUSES] = {
	[BUS_SESSION] = {SET_desktop_dbus_session,
			 "session bus",
			 "DBUS_SESSION_BUS_ADDRESS",
			 "session-bus",
			 true,
			 {SET_desktop_dbus_talk, SET_desktop_dbus_own, SET_desktop_dbus_call,
			  SET_desktop_dbus_broadcast}},
	[BUS_SYSTEM] = {SET_desktop_dbus_system,
			"system bus",
			"DBUS_SYSTEM_BUS_ADDRESS",
			"system-bus",
			true,
			{SET_desktop_dbus_system_talk, SET_desktop_dbus_system_own, SET_desktop_dbus_system_call,
			 SET_desktop_dbus_system_broadcast}},
	[BUS_A11Y] = {SET_desktop_a11y, "accessibility bus", "AT_SPI_BUS_ADDRESS", "a11y-bus", false, {0}},
};

static bool wanted(const struct policy *policy, enum bus bus)
{
	return bus == BUS_A11Y ? policy_number(policy, SET_desktop_a11y, 0) != 0
			       : policy_is(policy, buses[bus].id, "filter");
}

bool compile_has_services(const struct policy *policy)
{
	bool has = false;

	for (enum bus bus = 0; bus < BUSES; bus++)
		has |= wanted(policy, bus);
	return has;
}

bool compile_has_bus(const struct context *c, enum bus bus)
{
	return c->buses & 1U << bus;
}

/* --- addresses, as the specification of D-Bus has them: "TRANSPORT:KEY=VALUE,...;..." --- */
static int hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) & 15 : -1;
}

/* A value of an address; NULL if it is not written as one. Owned by the caller. */
static char *unescape(const char *text, size_t len)
{
	autofree char *ret = xcalloc(len + 1, 1);
	char *to = ret;

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '%') {
			*to++ = text[i];
			continue;
		}
		if (len - i < 3 || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
			return NULL;
		*to++ = (char)(hex(text[i + 1]) << 4 | hex(text[i + 2]));
		i += 2;
	}
	return strlen(ret) == (size_t)(to - ret) ? take(ret) : NULL;
}

static char *escape(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.";
	struct str ret = {0};

	for (const char *p = path; *p; p++)
		if (strchr(plain, *p))
			str_add_bytes(&ret, p, 1);
		else
			str_addf(&ret, "%%%02x", (unsigned char)*p);
	return ret.s;
}

static bool is_socket(const struct context *c, const char *path)
{
	autofree char *normal = path[0] == '/' ? path_normal(path) : NULL;
	struct node node;
	struct err none = {0};
	autofree char *real = NULL;

	return normal && str_eq(normal, path) && host_resolve(c->host, path, &real, &node, &none) == 0 &&
	       node.type == NODE_SOCKET;
}

/* The path of one address; NULL if it has none. Owned by the caller. */
static char *path_of(const struct context *c, const char *address, size_t len, bool *abstract)
{
	static const char unix_[] = "unix:", path[] = "path=", runtime[] = "runtime=yes", abstract_[] = "abstract=";
	const char *end = address + len;

	if (len < strlen(unix_) || !str_starts(address, unix_))
		return NULL;
	for (const char *key = address + strlen(unix_), *next; key < end; key = next + 1) {
		next = key + strcspn(key, ",;");
		if (str_starts(key, path))
			return unescape(key + strlen(path), (size_t)(next - key) - strlen(path));
		if (str_starts(key, runtime) && c->host->runtime)
			return xasprintf("%s/bus", c->host->runtime);
		*abstract |= str_starts(key, abstract_);
	}
	return NULL;
}

/* The first of a list of addresses that is a socket with a path. Owned by the caller; NULL: none. */
static char *first_of(const struct context *c, const char *addresses, bool *abstract)
{
	for (const char *p = addresses; *p; p += strspn(p, ";")) {
		size_t len = strcspn(p, ";");
		autofree char *path = path_of(c, p, len, abstract);

		if (path && is_socket(c, path))
			return take(path);
		p += len;
	}
	return NULL;
}

/* Where it is if nothing says so: of the accessibility bus, whose launcher gives it the number of the display. */
static char *by_custom(const struct context *c, enum bus bus)
{
	const char *runtime = c->host->runtime;
	autofree char *folder = runtime ? xasprintf("%s/at-spi", runtime) : NULL;
	autostrv struct strv names = {0};

	if (bus == BUS_SYSTEM)
		return xstrdup(SYSTEM_BUS);
	if (bus == BUS_SESSION)
		return runtime ? xasprintf("%s/bus", runtime) : NULL;
	if (folder)
		c->host->list(c->host, folder, &names);
	for (size_t i = 0; i < names.count; i++)
		if (str_starts(names.v[i], "bus"))
			return xasprintf("%s/%s", folder, names.v[i]);
	return NULL;
}

/* Its socket; NULL: it is not there, and `ret_why_not` is a text of the caller's. Owned by the caller. */
static char *find(const struct context *c, enum bus bus, char **ret_why_not)
{
	const char *addresses = host_env(c->host, buses[bus].variable);
	bool abstract = false;
	autofree char *path = addresses && *addresses ? first_of(c, addresses, &abstract) : by_custom(c, bus);

	if (path && is_socket(c, path))
		return take(path);
	*ret_why_not =
		abstract ? xasprintf("the %s has an abstract address, which a filter without network can't reach; "
				     "it needs one as unix:path=FILE",
				     buses[bus].name)
			 : xasprintf("there is no %s", buses[bus].name);
	return NULL;
}

/* --- what stands in the way --- */
/* What no bus can be without; the same for all. NULL: nothing. */
static const char *obstacle(const struct context *c)
{
	struct node node;

	if (c->bare)
		return "without namespaces nothing can be shown in the place of the host's";
	if (c->host->gated && c->host->namespaces_errno) /* the gate is not passed twice */
		return "behind a setuid sbx the filter makes namespaces by itself, which users may not do here";
	if (!c->host->services || !c->host->sbx)
		return "the caller has no folder for sockets, or sbx is not to be found";
	if (c->inner_uid != c->host->uid)
		return "the bus knows its callers by their id, and the command has another one inside: process.user = "
		       "keep";
	c->host->look(c->host, PROXY, &node);
	return node.type == NODE_FILE ? NULL : "xdg-dbus-proxy is not installed: install the package of that name";
}

int desktop_lacks(struct context *c, enum setting_id id, struct err *e, const char *what)
{
	char buf[WHY_SIZE];

	return missing_layer(c, "desktop", e, "%s: %s.%s: %s", why(c, id, buf), settings[id].section, settings[id].key,
			     what);
}

/* --- the filter --- */
static void add_rules(const struct context *c, enum bus bus, struct strv *words)
{
	strv_add(words, "--filter");
	if (bus == BUS_A11Y)
		strv_add(words, "--sloppy-names"); /* its programs find each other by the names that the bus gives */
	for (size_t i = 0; buses[bus].has_lists && i < RULE_LISTS; i++) {
		const struct entry *list = &c->policy->entry[buses[bus].list[i]];

		for (size_t j = 0; j < list->count; j++)
			strv_take(words, xasprintf("--%s=%s", list_options[i], list->v[j].text));
	}
	dbus_words(c, bus, words);
}

static char *inside(const struct context *c, enum bus bus)
{
	if (bus == BUS_SYSTEM)
		return xstrdup(SYSTEM_BUS);
	return xasprintf("/run/user/%u/%s", c->inner_uid, bus == BUS_SESSION ? "bus" : "at-spi/bus");
}

/* One program for all buses that are there. */
static int add_filter(struct context *c, char *const *found, struct err *e)
{
	autostrv struct strv words = {0}, options = {0};
	const char *folder = c->host->services;
	enum bus first = BUSES;
	char buf[WHY_SIZE];

	strv_add(&words, PROXY);
	strv_add(&words, "--fd=3");
	if (compile_has_bus(c, BUS_SESSION) && compile_portals(c, folder, &options, e) < 0)
		return -e->code;
	strv_take(&options, service_rule("--rw", folder, NULL));
	for (enum bus bus = 0; bus < BUSES; bus++) {
		autofree char *address = found[bus] ? escape(found[bus]) : NULL, *target = NULL;

		if (!address)
			continue;
		first = first == BUSES ? bus : first;
		strv_take(&options, service_rule("--ro", found[bus], NULL));
		strv_take(&words, xasprintf("unix:path=%s", address));
		strv_take(&words, xasprintf("%s/%s", folder, buses[bus].socket));
		add_rules(c, bus, &words);
		target = inside(c, bus);
		service_show(c, why(c, buses[bus].id, buf), buses[bus].socket, target);
	}
	if (words.count > MOST_RULES)
		return refuse(c, buses[first].id, NULL, e, "more than %d rules", MOST_RULES);
	service_add(c, why(c, buses[first].id, buf), "dbus-proxy", NULL, (const char *const *)options.v,
		    (const char *const *)words.v);
	return 0;
}

/* A profile that has the filter for the input method alone has none in a session without one: there it would cost, and
 * let nothing through. */
static bool idle(const struct context *c, enum bus bus)
{
	autostrv struct strv words = {0};

	if (bus != BUS_SESSION || !policy_number(c->policy, SET_desktop_input_method, 0) || compile_input_method(c) ||
	    policy_number(c->policy, SET_desktop_portals, 0))
		return false;
	add_rules(c, bus, &words);
	return words.count == 1;
}

/* Their sockets, of those that are wanted. */
static int find_all(struct context *c, char **found, struct err *e)
{
	const char *shared = obstacle(c);

	for (enum bus bus = 0; bus < BUSES; bus++) {
		autofree char *why_not = NULL;

		if (!wanted(c->policy, bus) || idle(c, bus))
			continue;
		found[bus] = shared ? NULL : find(c, bus, &why_not);
		if (found[bus])
			c->buses |= 1U << bus;
		else if (desktop_lacks(c, buses[bus].id, e, shared ? shared : why_not) < 0)
			return -e->code;
	}
	return 0;
}

int compile_dbus(struct context *c, struct err *e)
{
	char *found[BUSES] = {0};
	const char *folder;
	int r = find_all(c, found, e);

	if (r == 0 && c->buses)
		r = services_folder(c, buses[__builtin_ctz(c->buses)].id, &folder, e);
	if (r == 0 && c->buses)
		r = add_filter(c, found, e);
	for (enum bus bus = 0; bus < BUSES; bus++)
		free(found[bus]);
	return r;
}

void compile_dbus_environment(const struct context *c, struct strv *ret)
{
	for (enum bus bus = 0; bus < BUSES; bus++) {
		autofree char *target = compile_has_bus(c, bus) ? inside(c, bus) : NULL;

		if (target)
			strv_take(ret, xasprintf("%s=unix:path=%s", buses[bus].variable, target));
	}
	if (c->portals) {
		strv_add(ret, "GTK_USE_PORTAL=1");  /* GTK 3, Firefox */
		strv_add(ret, "GDK_DEBUG=portals"); /* GTK 4 */
		strv_add(ret, "QT_QPA_PLATFORMTHEME=xdgdesktopportal");
	}
	/* else programs of GTK look for the bus, and complain */
	if (!compile_has_bus(c, BUS_A11Y) &&
	    (!policy_is(c->policy, SET_desktop_x11, "no") || !policy_is(c->policy, SET_desktop_wayland, "no")))
		strv_add(ret, "NO_AT_BRIDGE=1");
}
