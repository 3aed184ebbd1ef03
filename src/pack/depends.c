/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What packages depend on, by /var/lib/dpkg/status. Versions are not compared: what is installed fits, or dpkg would
 * not have let it in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/collect.h"
#include "pack/root.h"

/* Of one that is installed. All texts are borrowed from the file; empty: it has none. */
struct package {
	const char *name, *machine, *depends[2], *provides;
};

struct packages {
	struct package *package;
	size_t count, cap;
};

/* One line "KEY: VALUE", cut in two. False: another one. */
static bool take_field(char *line, const char *key, const char **ret)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) != 0 || line[len] != ':')
		return false;
	*ret = line + len + 1 + strspn(line + len + 1, " \t");
	return true;
}

static void take_line(char *line, struct package *package, const char **status)
{
	(void)(take_field(line, "Package", &package->name) || take_field(line, "Architecture", &package->machine) ||
	       take_field(line, "Status", status) || take_field(line, "Depends", &package->depends[0]) ||
	       take_field(line, "Pre-Depends", &package->depends[1]) ||
	       take_field(line, "Provides", &package->provides)); /* at most one of them */
}

/* A blank line, or the end, is the end of a package. */
static void read_packages(char *text, struct packages *all)
{
	static const struct package none = {"", "", {"", ""}, ""};
	struct package package = none;
	const char *status = "";

	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		take_line(line, &package, &status);
		if (*line && next)
			continue;
		if (*package.name && str_eq(status, "install ok installed")) {
			all->package = xgrow(all->package, all->count, &all->cap, sizeof package);
			all->package[all->count++] = package;
		}
		package = none;
		status = "";
	}
}

/* The name at the start of "NAME:any (>= 1)". */
static size_t name_length(const char *text)
{
	return strcspn(text, " \t(:,|[");
}

static bool is_named(const char *name, const char *text, size_t len)
{
	return strncmp(name, text, len) == 0 && !name[len];
}

static bool provides(const struct package *package, const char *name, size_t len)
{
	for (const char *p = package->provides; *p; p += strcspn(p, ",")) {
		p += strspn(p, ", \t");
		if (name_length(p) == len && strncmp(p, name, len) == 0)
			return true;
	}
	return false;
}

/* The package of that name; of several, that for the machine; else one that provides the name. NULL: none. */
static const struct package *find(const struct packages *all, const char *name, size_t len, const char *machine)
{
	const struct package *named = NULL, *provider = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct package *one = &all->package[i];

		if (is_named(one->name, name, len)) {
			if (!named || str_eq(one->machine, machine))
				named = one;
		} else if (!provider && provides(one, name, len)) {
			provider = one;
		}
	}
	return named ? named : provider;
}

/* Its list is that of NAME, or, where there are several of that name, of NAME:MACHINE. */
static void add_name(const struct packages *all, const struct package *package, struct strv *names)
{
	autofree char *longer = xasprintf("%s:%s", package->name, package->machine);
	size_t same = 0;

	for (size_t i = 0; i < all->count; i++)
		same += str_eq(all->package[i].name, package->name);
	if (!strv_has(names, same > 1 ? longer : package->name))
		strv_add(names, same > 1 ? longer : package->name);
}

/* "A (>= 1) | B, C": of each group the first that is installed. */
static void add_groups(const struct packages *all, const struct package *who, const char *groups, struct strv *names)
{
	const struct package *found = NULL;

	for (const char *p = groups; *(p += strspn(p, " \t"));) {
		if (!found) {
			found = find(all, p, name_length(p), who->machine);
			if (found)
				add_name(all, found, names);
		}
		p += strcspn(p, ",|");
		if (*p == ',')
			found = NULL;
		p += *p != '\0';
	}
}

int collect_depends(struct collect *c, struct strv *names, struct err *e)
{
	autofree struct package *memory = NULL;
	autostr struct str text = {0};
	struct packages all = {0};
	int r = root_read(c->root, "/var/lib/dpkg/status", &text);

	if (r < 0)
		return err_errno(e, -r, "read '/var/lib/dpkg/status'");
	read_packages(text.s, &all);
	memory = all.package;
	for (size_t i = 0; i < names->count; i++) {
		autofree char *name = xstrdup(names->v[i]);
		const char *machine = strchr(name, ':');
		const struct package *who = find(&all, name, name_length(name), machine ? machine + 1 : "");

		for (size_t j = 0; who && j < countof(who->depends); j++)
			add_groups(&all, who, who->depends[j], names);
	}
	return 0;
}
