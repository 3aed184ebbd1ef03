/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* expand: the variables of paths, and the one spelling of a path. */
#include "policy/expand.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "policy/suggest.h"

enum { MAX_PATH = 4096 }; /* of the kernel, the NUL included */

static const struct {
	const char *name;
	size_t offset;
	bool path; /* an absolute path; otherwise a name without '/' */
} variable_table[] = {
#define V(name, member, path)                                                                                          \
	{                                                                                                              \
		name, offsetof(struct variables, member), path                                                         \
	}
	V("HOME", home, true),
	V("USER", user, false),
	V("UID", uid, false),
	V("RUNTIME", runtime, true),
	V("CWD", cwd, true),
	V("CONFIG", config, true),
	V("CACHE", cache, true),
	V("DATA", data, true),
	V("STATE", state, true),
	V("DOWNLOADS", downloads, true),
	V("DOCUMENTS", documents, true),
	V("MUSIC", music, true),
	V("PICTURES", pictures, true),
	V("VIDEOS", videos, true),
	V("DESKTOP", desktop, true),
#undef V
};

static int unknown(const char *name, struct err *e)
{
	const char *names[countof(variable_table)], *nearest;

	for (size_t i = 0; i < countof(variable_table); i++)
		names[i] = variable_table[i].name;
	nearest = suggest(name, names, countof(names));
	(void)err_set(e, EINVAL, "'${%s}' is not a variable of profiles", name);
	return nearest ? err_hint(e, "did you mean '${%s}'?", nearest) : -EINVAL;
}

static int add_variable(struct str *out, const char *name, const struct variables *vars, struct err *e)
{
	const char *value;
	size_t i = 0;

	while (i < countof(variable_table) && !str_eq(variable_table[i].name, name))
		i++;
	if (i == countof(variable_table))
		return unknown(name, e);
	memcpy(&value, (const char *)vars + variable_table[i].offset, sizeof value);
	if (!value || !*value)
		return err_set(e, EINVAL, "'${%s}' stands for nothing here: it is not set", name);
	if (variable_table[i].path ? *value != '/' : strchr(value, '/') != NULL)
		return err_set(e, EINVAL, "'${%s}' is '%s', which is not %s", name, value,
			       variable_table[i].path ? "an absolute path" : "a name");
	str_add(out, value);
	return 0;
}

static int expand(const char *text, const struct variables *vars, struct str *out, struct err *e)
{
	const char *p = text;
	int r = 0;

	str_add(out, "");
	if (*p == '~' && p[1] && p[1] != '/')
		return err_set(e, EINVAL, "'%s': only '~' and '~/' stand for a home, no '~NAME'", text);
	if (*p == '~') {
		r = add_variable(out, "HOME", vars, e);
		p++;
	}
	while (r == 0 && *p) {
		autofree char *name = NULL;
		const char *end;

		if (!str_starts(p, "${")) {
			str_add_bytes(out, p++, 1);
			continue;
		}
		end = strchr(p, '}');
		if (!end)
			return err_set(e, EINVAL, "'%s' has a '${' without '}'", text);
		name = xstrndup(p + 2, (size_t)(end - p - 2));
		r = add_variable(out, name, vars, e);
		p = end + 1;
	}
	return r;
}

static int check_bytes(const char *path, struct err *e)
{
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, EINVAL, "'%s' has a control byte in it", path);
	return 0;
}

/* Drops the last component of a path without '/' at its end; that of "/" is "/". */
static void drop_component(struct str *path)
{
	while (path->len && path->s[path->len - 1] != '/')
		path->len--;
	if (path->len)
		path->len--;
	path->s[path->len] = '\0';
}

/* Adds the components of `text` to `out`. ".." is followed only where nothing but the real path `base` is before it. */
static int add_components(struct str *out, const char *text, bool leading, struct err *e)
{
	for (const char *p = text; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && p[0] == '.' && p[1] == '.') {
			if (!leading)
				return err_set(e, EINVAL, "'%s' has '..' in it: write the path without", text);
			drop_component(out);
		} else if (len && !(len == 1 && *p == '.')) {
			leading = false;
			str_add(out, "/");
			str_add_bytes(out, p, len);
		}
		p += len;
		p += *p == '/';
	}
	return 0;
}

int expand_path(const char *text, const struct variables *vars, const char *base, char **ret_path, struct err *e)
{
	autostr struct str raw = {0}, path = {0};
	int r = expand(text, vars, &raw, e);

	str_add(&path, "");
	if (r == 0)
		r = check_bytes(raw.s, e);
	if (r < 0)
		return r;
	if (!raw.len)
		return err_set(e, EINVAL, "the path is empty");
	if (*raw.s != '/' && !base)
		return err_set(e, EINVAL, "'%s' is not an absolute path", raw.s);
	if (*raw.s != '/')
		r = add_components(&path, base ? base : "", false, e);
	if (r == 0)
		r = add_components(&path, raw.s, *raw.s != '/', e);
	if (r < 0)
		return r;
	if (path.len >= MAX_PATH)
		return err_set(e, ENAMETOOLONG, "the path is too long, at most %d bytes", MAX_PATH - 1);
	*ret_path = xstrdup(path.len ? path.s : "/");
	return 0;
}
