/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "pack/collect.h"
#include "pack/root.h"

enum when { ALWAYS, GCONV, LOCALES };

static const struct rule {
	const char *name, *wanted;
	enum when when;
	const char *paths;
} rules[] = {
#define RULE(name, wanted, when, paths) {name, wanted, when, paths},
#include "pack/rules.def"
#undef RULE
};

static bool is_on(const struct pack_options *options, enum when when)
{
	return when == GCONV ? options->gconv : when == LOCALES ? options->locales : true;
}

static bool matches(const char *pattern, const char *path)
{
	return fnmatch(pattern, strchr(pattern, '/') ? path : strrchr(path, '/') + 1, 0) == 0;
}

/* The version of gcc-12. */
static const char *behind_last_dash(const char *path)
{
	const char *dash = strrchr(path, '-');

	return dash && dash > strrchr(path, '/') ? dash + 1 : "";
}

/* A word of a rule, for that match; owned by the caller. */
static char *put_match(const char *text, size_t len, const char *match)
{
	autofree char *folder = loader_folder_of(match);
	struct str out = {0};

	str_add(&out, "");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '@')
			str_add(&out, folder);
		else if (text[i] == '%')
			str_add(&out, strrchr(match, '/') + 1);
		else if (text[i] == '#')
			str_add(&out, behind_last_dash(match));
		else
			str_add_bytes(&out, &text[i], 1);
	}
	return out.s;
}

static int take_paths(struct collect *c, const char *pattern, struct reason reason, struct err *e)
{
	bool place_only = pattern[0] == '=';
	autostrv struct strv found = {0};
	int r = 0;

	if (pattern[0] == '+')
		return collect_package(c, pattern + 1, reason, e);
	root_glob(c->root, pattern + place_only, &found);
	for (size_t i = 0; r == 0 && i < found.count; i++)
		r = place_only ? collect_place(c, found.v[i], reason, NULL, e)
			       : collect_whole(c, found.v[i], reason, e);
	return r;
}

/* One rule for one match. */
static int apply(struct collect *c, const struct rule *rule, const char *match, struct err *e)
{
	autofree char *why = xasprintf("rule %s, of %s", rule->name, match), *skip = NULL;
	const char *p = rule->paths;
	int r = 0;

	if (*p == '!') {
		skip = xstrndup(p + 1, strcspn(p, " ") - 1);
		p += strcspn(p, " ");
	}
	c->skip = skip;
	for (; r == 0 && *(p += strspn(p, " ")); p += strcspn(p, " ")) {
		autofree char *pattern = put_match(p, strcspn(p, " "), match);

		r = take_paths(c, pattern, (struct reason){why, true}, e);
	}
	c->skip = NULL;
	return r;
}

/* Since glibc 2.34, `files` and `dns` are in libc.so.6, and what is left of their libraries is for older programs. */
static bool has_own_modules(struct collect *c, const char *libc)
{
	autostr struct str bytes = {0};

	return root_read(c->root, libc, &bytes) == 0 && !memmem(bytes.s, bytes.len, "GLIBC_2.34", strlen("GLIBC_2.34"));
}

/* The services that nsswitch.conf names, if that is taken; otherwise one is made up, with two of them. */
static int take_modules(struct collect *c, const char *libc, struct err *e)
{
	const char *config = "files dns";
	bool own = has_own_modules(c, libc);
	autofree char *folder = loader_folder_of(libc);
	autostr struct str text = {0};
	char *rest;
	int r = 0;

	if (closure_find(c->closure, "/etc/nsswitch.conf"))
		(void)root_read(c->root, "/etc/nsswitch.conf", &text);
	if (!text.s)
		str_add(&text, config);
	for (char *p = strtok_r(text.s, " \t\n", &rest); r == 0 && p; p = strtok_r(NULL, " \t\n", &rest)) {
		autofree char *why = xasprintf("rule NSS, service %s of %s", p, libc);
		autofree char *path = xasprintf("%s/libnss_%s.so.2", folder, p);
		autoclose int there = -1;

		if (strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(p))
			continue; /* "passwd:", "[NOTFOUND=return]" */
		if (!own && (str_eq(p, "files") || str_eq(p, "dns")))
			continue;
		there = root_open(c->root, path, O_PATH);
		if (there >= 0)
			r = collect_path(c, path, (struct reason){why, true}, NULL, e);
	}
	return r;
}

static int see(struct collect *c, const char *path, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < countof(rules); i++)
		if (is_on(c->options, rules[i].when) && matches(rules[i].wanted, path))
			r = apply(c, &rules[i], path, e);
	return r == 0 && matches("libc.so.6", path) ? take_modules(c, path, e) : r;
}

int collect_rules(struct collect *c, struct err *e)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < c->closure->count; i++) {
			struct closure_entry *entry = c->closure->entry[i];
			autofree char *path = entry->ruled || entry->type == ENTRY_FOLDER ? NULL : xstrdup(entry->path);
			int r = path ? see(c, path, e) : 0;

			entry->ruled = true;
			more |= path != NULL;
			if (r < 0)
				return r;
		}
	}
	return 0;
}
