/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* etc: what of /etc the system view shows: groups of names, and files made for this sandbox. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/files.h"

struct group {
	const char *name;
	const char *const *members;
};

static const char *const base[] = {"alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", NULL};
static const char *const network[] = {"resolv.conf", "host.conf", "gai.conf", "services", "protocols", NULL};
static const char *const tls[] = {"ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki", "crypto-policies", NULL};
static const char *const fonts[] = {"fonts", NULL};
static const char *const x11[] = {"X11", "gtk-3.0", "gtk-4.0", "xdg", "dconf", "drirc", NULL};
static const struct group groups[] = {
	{"@base", base}, {"@network", network}, {"@tls", tls}, {"@fonts", fonts}, {"@x11", x11}};
static const char *const secret[] = {"shadow", "gshadow", "sudoers",  "sudoers.d",
				     "ssh",    "shadow-", "gshadow-", "security/opasswd"};

static void show_member(struct context *c, const char *name, unsigned layer, const char *text)
{
	autofree char *path = xasprintf("/etc/%s", name), *real = NULL;
	struct err none = {0};
	struct view_entry *entry;
	struct node node;

	if (host_resolve(c->host, path, &real, &node, &none) < 0)
		return; /* not every system has every member of a group */
	entry = view_add(c, VIEW_READ_ONLY, path, real, layer, text);
	entry->type = node.type;
}

static void show_java(struct context *c, unsigned layer, const char *text)
{
	autostrv struct strv names = {0};

	c->host->list(c->host, "/etc", &names);
	for (size_t i = 0; i < names.count; i++)
		if (str_starts(names.v[i], "java-"))
			show_member(c, names.v[i], layer, text);
}

static void made(struct context *c, const char *path, char *text, unsigned layer, const char *why_text)
{
	struct view_entry *entry = view_add(c, VIEW_FILE, path, NULL, layer, why_text);

	entry->mode = 0644;
	entry->data = text;
	entry->size = strlen(text);
}

/* FNV-1a: the id is stable for a profile and a user, and differs from the host's; it is no secret. */
static char *machine_id(const struct context *c)
{
	uint64_t hash[2] = {14695981039346656037U, 1099511628211U * 7};
	autofree char *seed = xasprintf("%s/%u", c->policy->name ? c->policy->name : "default", c->host->uid);

	for (int half = 0; half < 2; half++)
		for (const char *p = seed; *p; p++)
			hash[half] = (hash[half] ^ (unsigned char)*p) * 1099511628211U;
	return xasprintf("%016llx%016llx\n", (unsigned long long)hash[0], (unsigned long long)hash[1]);
}

/* One user, root and nobody. */
static void made_base(struct context *c, unsigned layer, const char *text)
{
	struct str passwd = {0}, group = {0};
	const char *hostname = policy_text(c->policy, SET_process_hostname);

	str_add(&passwd, "root:x:0:0:root:/root:/bin/sh\n");
	str_add(&group, "root:x:0:\n");
	if (c->inner_uid != 0 && c->inner_uid != 65534)
		str_addf(&passwd, "%s:x:%u:%u::%s:/bin/sh\n", c->inner_user, c->inner_uid, c->inner_gid, c->inner_home);
	if (c->inner_gid != 0 && c->inner_gid != 65534)
		str_addf(&group, "%s:x:%u:\n", c->inner_user, c->inner_gid);
	str_addf(&passwd, "nobody:x:65534:65534:nobody:%s:/usr/sbin/nologin\n",
		 c->inner_uid == 65534 ? c->inner_home : "/nonexistent");
	str_add(&group, "nogroup:x:65534:\n");
	made(c, "/etc/passwd", passwd.s, layer, text);
	made(c, "/etc/group", group.s, layer, text);
	made(c, "/etc/machine-id", machine_id(c), layer, text);
	made(c, "/etc/hostname", xasprintf("%s\n", hostname), layer, text);
	made(c, "/etc/nsswitch.conf", xstrdup("passwd: files\ngroup: files\nhosts: files dns\n"), layer, text);
	if (policy_is(c->policy, SET_network_mode, "host"))
		show_member(c, "hosts", layer, text);
	else
		made(c, "/etc/hosts", xasprintf("127.0.0.1 localhost %s\n::1 localhost\n", hostname), layer, text);
}

static int show_name(struct context *c, const struct value *value, const char *text, struct err *e)
{
	bool optional = value->text[0] == '-';
	const char *name = value->text + optional;
	autofree char *path = xasprintf("/etc/%s", name), *real = NULL;
	struct err none = {0};
	struct node node;

	if (!*name || name[0] == '.' || name[0] == '/' || strstr(name, "/.") || strstr(name, "//"))
		return refuse(c, SET_filesystem_etc, value, e, "'%s' is no name below /etc", name);
	for (size_t i = 0; i < countof(secret); i++)
		if (path_below(name, secret[i]) || str_starts(name, "ssh/"))
			return refuse(c, SET_filesystem_etc, value, e, "'%s' is never shown", name);
	if (host_resolve(c->host, path, &real, &node, &none) < 0) {
		if (optional)
			return 0;
		(void)refuse(c, SET_filesystem_etc, value, e, "'%s' does not exist", path);
		return err_hint(e, "write -%s to skip it where it does not exist", name);
	}
	show_member(c, name, value->layer, text);
	return 0;
}

static bool show_group(struct context *c, const struct value *value, const char *text)
{
	if (str_eq(value->text, "@java")) {
		show_java(c, value->layer, text);
		return true;
	}
	for (size_t i = 0; i < countof(groups); i++) {
		if (!str_eq(value->text, groups[i].name))
			continue;
		for (const char *const *member = groups[i].members; *member; member++)
			show_member(c, *member, value->layer, text);
		if (i == 0)
			made_base(c, value->layer, text);
		return true;
	}
	return false;
}

int compile_etc(struct context *c, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_filesystem_etc];

	for (size_t i = 0; i < list->count; i++) {
		char buf[WHY_SIZE];
		const char *text = origin_text(list->v[i].origin, buf, sizeof buf);
		int r;

		if (show_group(c, &list->v[i], text))
			continue;
		if (list->v[i].text[0] == '@')
			return refuse(c, SET_filesystem_etc, &list->v[i], e, "there is no group '%s'", list->v[i].text);
		r = show_name(c, &list->v[i], text, e);
		if (r < 0)
			return r;
	}
	return 0;
}
