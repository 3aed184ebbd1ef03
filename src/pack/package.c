/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packages of dpkg, by the lists and the status file that it keeps; dpkg itself is not run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "pack/collect.h"
#include "pack/root.h"

static bool is_documentation(const char *path)
{
	static const char *const folders[] = {"/usr/share/doc",     "/usr/share/man",     "/usr/share/info",
					      "/usr/share/locale",  "/usr/share/lintian", "/usr/share/bug",
					      "/usr/share/doc-base"};

	for (size_t i = 0; i < countof(folders); i++)
		if (path_below(path, folders[i]))
			return true;
	return false;
}

/* A name has nothing in it that would lead out of the folder of the lists, or that is a pattern. */
static bool is_package_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.:_~");

	return len && !name[len] && name[0] != '.';
}

static int read_list(struct collect *c, const char *name, struct str *ret, struct err *e)
{
	autofree char *plain = xasprintf("/var/lib/dpkg/info/%s.list", name);
	autofree char *pattern = xasprintf("/var/lib/dpkg/info/%s:*.list", name);
	autostrv struct strv found = {0};
	int r;

	if (!is_package_name(name))
		return err_set(e, EINVAL, "'%s' is no name of a package", name);
	root_glob(c->root, plain, &found);
	root_glob(c->root, pattern, &found);
	if (!found.count)
		return err_set(e, ENOENT, "the package '%s' is not installed", name);
	if (found.count > 1) {
		(void)err_set(e, EINVAL, "the package '%s' is installed for several machines", name);
		return err_hint(e, "name one of them, as in '%s:amd64'", name);
	}
	r = root_read(c->root, found.v[0], ret);
	return r < 0 ? err_errno(e, -r, "read '%s'", found.v[0]) : 0;
}

int collect_package(struct collect *c, const char *name, struct reason reason, struct err *e)
{
	autofree char *why =
		reason.why ? xasprintf("package %s (%s)", name, reason.why) : xasprintf("package %s", name);
	autostr struct str list = {0};
	char *rest;
	int r = read_list(c, name, &list, e);

	if (r < 0 && reason.may) {
		closure_note(c->closure, "%s", e->text);
		err_clear(e);
		return 0;
	}
	if (r < 0)
		return r;
	for (char *p = strtok_r(list.s, "\n", &rest); p; p = strtok_r(NULL, "\n", &rest)) {
		if (p[0] != '/' || is_documentation(p) || collect_is_left_out(c, p) || str_eq(p, "/."))
			continue;
		r = collect_path(c, p, (struct reason){why, true}, NULL, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int collect_packages(struct collect *c, struct err *e)
{
	const struct pack_options *o = c->options;
	autostrv struct strv names = {0};
	int r = 0;

	for (size_t i = 0; i < o->packages.count; i++)
		strv_add(&names, o->packages.v[i]);
	if (o->depends && names.count)
		r = collect_depends(c, &names, e);
	/* those that nobody has named may be missing */
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = collect_package(c, names.v[i], (struct reason){.may = i >= o->packages.count}, e);
	return r;
}
