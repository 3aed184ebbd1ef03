/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* landlock: the same view once more, as rules of a second, independent wall. */
#include "compile/landlock.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/units.h"

/* linux/landlock.h; that of Debian 12 ends before some of them. */
enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	MAKE_CHAR = 1 << 6,
	MAKE_BLOCK = 1 << 11,
	REFER = 1 << 13,
	TRUNCATE = 1 << 14,
	IOCTL_DEV = 1 << 15,
	BIND_TCP = 1 << 0,
	CONNECT_TCP = 1 << 1,
	SCOPE_ABSTRACT = 1 << 0,
	SCOPE_SIGNAL = 1 << 1,
	OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
};

static uint64_t handled(int abi)
{
	uint64_t rights = REFER - 1;

	if (abi >= 2)
		rights |= REFER;
	if (abi >= 3)
		rights |= TRUNCATE;
	if (abi >= 5)
		rights |= IOCTL_DEV;
	return rights;
}

uint64_t landlock_rights(const struct context *c, const struct view_entry *entry)
{
	uint64_t rights = handled(c->host->landlock_abi), execute = entry->no_exec ? 0 : EXECUTE;

	switch (entry->kind) {
	case VIEW_READ_ONLY:
		rights = READ_FILE | READ_DIR | execute;
		break;
	case VIEW_IMAGE:
		if (policy_is(c->policy, SET_filesystem_image_writes, "no")) {
			rights = READ_FILE | READ_DIR | EXECUTE;
			break;
		}
		__attribute__((fallthrough));
	case VIEW_READ_WRITE:
	case VIEW_OVERLAY:
	case VIEW_BOX:
	case VIEW_GRANTS:
	case VIEW_SCRATCH:
		rights &= ~(uint64_t)(MAKE_CHAR | MAKE_BLOCK | EXECUTE | IOCTL_DEV);
		rights |= execute;
		break;
	case VIEW_DEVICE:
		rights &= READ_FILE | WRITE_FILE | IOCTL_DEV;
		break;
	case VIEW_DEVPTS:
		rights &= READ_FILE | READ_DIR | WRITE_FILE | IOCTL_DEV;
		break;
	case VIEW_PROC:
		rights = READ_FILE | READ_DIR |
			 (policy_number(c->policy, SET_process_nested_namespaces, 0) ? WRITE_FILE : 0);
		break;
	case VIEW_FILE:
		rights = READ_FILE;
		break;
	case VIEW_DIR:
	case VIEW_LINK:
	case VIEW_HIDE:
	case VIEW_HOLLOW:
		return 0;
	}
	return entry->type == NODE_FOLDER && entry->kind != VIEW_DEVICE && entry->kind != VIEW_FILE ? rights
												    : rights & OF_FILES;
}

bool landlock_less_open(const struct context *c, const struct view_entry *entry, const struct view_entry *above)
{
	uint64_t less = landlock_rights(c, above) & ~landlock_rights(c, entry);

	return (entry->type == NODE_FOLDER ? less : less & OF_FILES) != 0;
}

/* True if the mount above grants as much: the rule would add nothing. */
static bool granted_above(const struct context *c, const struct view_entry *entry, uint64_t rights)
{
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *above = &c->view->entry[i];

		if (above != entry && path_below(entry->target, above->target) &&
		    strlen(above->target) < strlen(entry->target) && (rights & ~landlock_rights(c, above)) == 0)
			return true;
	}
	return false;
}

/* True if this is the first one below a folder that has one rule for all. */
static bool first(bool *seen)
{
	bool was = *seen;

	*seen = true;
	return !was;
}

/* One file of /etc or one device after the other would be many rules: all that is shown there may be read, or used. */
static void add_paths(struct context *c)
{
	bool etc = false, dev = false;

	plan_add(c->plan, STEP_LANDLOCK_PATH, "default", "/", NULL, READ_DIR, 0);
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];
		uint64_t rights = landlock_rights(c, entry);

		if (path_below(entry->target, "/etc") && (entry->kind == VIEW_FILE || entry->kind == VIEW_READ_ONLY)) {
			if (first(&etc))
				plan_add(c->plan, STEP_LANDLOCK_PATH, entry->why, "/etc", NULL,
					 READ_FILE | READ_DIR | EXECUTE, 0);
			continue;
		}
		if (path_below(entry->target, "/dev") && entry->kind == VIEW_DEVICE) {
			if (first(&dev))
				plan_add(c->plan, STEP_LANDLOCK_PATH, entry->why, "/dev", NULL, rights, 0);
			continue;
		}
		if (rights && entry->type != NODE_SOCKET && !granted_above(c, entry, rights))
			plan_add(c->plan, STEP_LANDLOCK_PATH, entry->why, entry->target, NULL, rights, 0);
	}
}

/* Of the payload's first process, and what most programs read to know the machine; not those of other processes. */
static void add_host_proc(struct context *c, const char *why_text)
{
	static const char *const files[] = {"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/uptime"};

	plan_add(c->plan, STEP_LANDLOCK_PATH, why_text, "/proc/self/.", NULL, READ_FILE | READ_DIR, 0);
	for (size_t i = 0; i < countof(files); i++)
		plan_add(c->plan, STEP_LANDLOCK_PATH, why_text, files[i], NULL, READ_FILE, 0);
}

/* Without namespaces: each thing of the host by itself, at its real path. */
static void add_host_paths(struct context *c)
{
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];
		uint64_t rights = landlock_rights(c, entry);

		if (entry->kind == VIEW_PROC)
			add_host_proc(c, entry->why);
		else if (rights && entry->source && entry->type != NODE_SOCKET)
			plan_add(c->plan, STEP_LANDLOCK_PATH, entry->why, entry->source, NULL, rights, 0);
	}
}

static int ports(struct context *c, enum setting_id id, uint64_t access, struct err *e)
{
	const struct entry *list = &c->policy->entry[id];

	for (size_t i = 0; i < list->count; i++) {
		char buf[WHY_SIZE];
		struct err number = {0};
		uint64_t port;

		if (str_eq(list->v[i].text, "none"))
			continue;
		if (units_number(list->v[i].text, 65535, &port, &number) < 0)
			return refuse(c, id, &list->v[i], e, "%s", number.text);
		plan_add(c->plan, STEP_LANDLOCK_PORT, origin_text(list->v[i].origin, buf, sizeof buf), NULL, NULL, port,
			 access);
	}
	return 0;
}

int compile_landlock(struct context *c, struct err *e)
{
	int abi = c->host->landlock_abi, r;
	uint64_t net = (c->policy->entry[SET_network_bind_tcp].count ? BIND_TCP : 0) |
		       (c->policy->entry[SET_network_connect_tcp].count ? CONNECT_TCP : 0);
	uint64_t scopes = abi >= 6 ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0;

	if (abi == 0)
		return missing_layer(c, "landlock", e, "this kernel has no Landlock");
	if (net && abi < 4) {
		net = 0;
		r = missing_layer(c, "landlock", e, "TCP ports need Landlock ABI 4, this kernel has %d", abi);
		if (r < 0)
			return r;
	}
	if (!scopes && policy_is(c->policy, SET_network_mode, "host")) {
		r = missing_layer(
			c, "landlock", e,
			"abstract sockets of the host can be closed by Landlock ABI 6 only, this kernel has %d", abi);
		if (r < 0)
			return r;
	}
	plan_add(c->plan, STEP_LANDLOCK, "default", NULL, NULL, handled(abi), net | scopes << 32);
	if (c->bare)
		add_host_paths(c);
	else
		add_paths(c);
	if (net) {
		r = ports(c, SET_network_bind_tcp, BIND_TCP, e);
		if (r == 0)
			r = ports(c, SET_network_connect_tcp, CONNECT_TCP, e);
		if (r < 0)
			return r;
	}
	plan_add(c->plan, STEP_LANDLOCK_ENFORCE, "default", NULL, NULL, 0, 0);
	return 0;
}
