/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* devices: the nodes of /dev that the sandbox has. */
#include "compile/devices.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "base/mem.h"
#include "compile/files.h"

static void node(struct context *c, const char *path, unsigned major, unsigned minor, const char *text)
{
	struct view_entry *entry = view_add(c, VIEW_DEVICE, path, path, 0, text);

	entry->type = NODE_CHAR;
	entry->rdev = makedev(major, minor);
}

bool compile_has_terminals(const struct context *c)
{
	return !policy_is(c->policy, SET_process_terminal, "none") || policy_has(c->policy, SET_devices_allow, "tty");
}

static void base(struct context *c, const char *text)
{
	static const char *const links[][2] = {{"/dev/fd", "/proc/self/fd"},
					       {"/dev/stdin", "/proc/self/fd/0"},
					       {"/dev/stdout", "/proc/self/fd/1"},
					       {"/dev/stderr", "/proc/self/fd/2"}};

	node(c, "/dev/null", 1, 3, text);
	node(c, "/dev/zero", 1, 5, text);
	node(c, "/dev/full", 1, 7, text);
	node(c, "/dev/random", 1, 8, text);
	node(c, "/dev/urandom", 1, 9, text);
	for (size_t i = 0; i < countof(links); i++)
		view_add(c, VIEW_LINK, links[i][0], links[i][1], 0, text);
	if (!compile_has_terminals(c))
		return;
	node(c, "/dev/tty", 5, 0, text);
	view_add(c, VIEW_DEVPTS, "/dev/pts", NULL, 0, text);
	view_add(c, VIEW_LINK, "/dev/ptmx", "pts/ptmx", 0, text);
}

static void show(struct context *c, const char *path, enum view_kind kind, const struct value *value, const char *text)
{
	autofree char *real = NULL;
	struct err none = {0};
	struct view_entry *entry;
	struct node found;

	if (host_resolve(c->host, path, &real, &found, &none) < 0)
		return; /* a group names what a machine may have */
	entry = view_add(c, found.type == NODE_CHAR ? VIEW_DEVICE : kind, path, real, value->layer, text);
	entry->type = found.type;
	entry->rdev = found.rdev;
}

/* Every node of /dev whose name starts so. */
static void show_prefix(struct context *c, const char *prefix, const struct value *value, const char *text)
{
	autostrv struct strv names = {0};

	c->host->list(c->host, "/dev", &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("/dev/%s", names.v[i]);

		if (str_starts(names.v[i], prefix))
			show(c, path, VIEW_READ_ONLY, value, text);
	}
}

/* The nodes in a folder whose name starts so. */
static void folder(struct context *c, const char *path, const char *prefix, const struct value *value, const char *text)
{
	autostrv struct strv names = {0};

	c->host->list(c->host, path, &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *below = xasprintf("%s/%s", path, names.v[i]);
		struct node found;

		c->host->look(c->host, below, &found);
		if (found.type == NODE_CHAR && str_starts(names.v[i], prefix))
			show(c, below, VIEW_READ_ONLY, value, text);
	}
}

static void gpu(struct context *c, const struct value *value, const char *text)
{
	static const char *const sys[] = {"/sys/dev/char", "/sys/devices", "/sys/class/drm", "/sys/bus/pci"};
	struct node found;

	c->host->look(c->host, "/dev/dri", &found);
	folder(c, "/dev/dri", "render", value, text); /* card* is also the screen, with what is on it */
	show_prefix(c, "nvidia", value, text);
	show_prefix(c, "mali", value, text);
	show(c, "/dev/udmabuf", VIEW_READ_ONLY, value, text);
	show(c, "/dev/kfd", VIEW_READ_ONLY, value, text);
	for (size_t i = 0; found.type == NODE_FOLDER && i < countof(sys); i++)
		show(c, sys[i], VIEW_READ_ONLY, value, text);
}

static int allow(struct context *c, const struct value *value, const char *text, struct err *e)
{
	struct node found;

	if (str_eq(value->text, "gpu")) {
		gpu(c, value, text);
	} else if (str_eq(value->text, "audio")) {
		folder(c, "/dev/snd", "", value, text);
	} else if (str_eq(value->text, "camera")) {
		show_prefix(c, "video", value, text);
		show_prefix(c, "media", value, text);
	} else if (str_eq(value->text, "input")) {
		folder(c, "/dev/input", "", value, text);
		show_prefix(c, "hidraw", value, text);
	} else if (str_eq(value->text, "kvm")) {
		show(c, "/dev/kvm", VIEW_READ_ONLY, value, text);
	} else if (str_starts(value->text, "/dev/") && !strstr(value->text, "..")) {
		c->host->look(c->host, value->text, &found);
		if (found.type != NODE_CHAR)
			return refuse(c, SET_devices_allow, value, e, "'%s' is not a character device", value->text);
		show(c, value->text, VIEW_READ_ONLY, value, text);
	} else if (!str_eq(value->text, "tty")) {
		return refuse(c, SET_devices_allow, value, e, "'%s' is neither a group nor a path below /dev",
			      value->text);
	}
	return 0;
}

int compile_devices(struct context *c, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_devices_allow];

	base(c, "default");
	for (size_t i = 0; i < list->count; i++) {
		char buf[WHY_SIZE];
		int r = allow(c, &list->v[i], origin_text(list->v[i].origin, buf, sizeof buf), e);

		if (r < 0)
			return r;
	}
	return 0;
}
