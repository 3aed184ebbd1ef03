/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* siblings: what is beside the files that the command line names: subtitles of a film, the next picture. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/files.h"

enum { MAX_SIBLINGS = 64 };

/* a.mkv: a.srt, a.en.srt. */
static bool is_of_same_name(const char *name, const char *other)
{
	const char *dot = strrchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) + 1 : 0;

	return len > 1 && strncmp(name, other, len) == 0 && !str_eq(name, other);
}

static int show(struct context *c, const char *source, const char *target, struct err *e)
{
	const struct value *value = policy_value(c->policy, SET_filesystem_open_siblings);

	if (compile_is_own_folder(c, source) || view_shows_host(c->view, target, source, VIEW_READ_ONLY))
		return 0;
	return files_show(c, VIEW_READ_ONLY, SET_filesystem_open_siblings, value, source, target, e);
}

/* Links are none: where they lead is not beside it. */
static int show_same_name(struct context *c, const char *real, const char *target, struct err *e)
{
	const char *name = strrchr(real, '/') + 1;
	autofree char *folder = xstrndup(real, (size_t)(name - real)),
		      *place = xstrndup(target, (size_t)(strrchr(target, '/') - target) + 1);
	autostrv struct strv names = {0};
	int shown = 0, r = 0;

	c->host->list(c->host, folder, &names);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		autofree char *source = xasprintf("%s%s", folder, names.v[i]),
			      *at = xasprintf("%s%s", place, names.v[i]);
		struct node node;

		if (!is_of_same_name(name, names.v[i]))
			continue;
		c->host->look(c->host, source, &node);
		if (node.type != NODE_FILE)
			continue;
		if (++shown > MAX_SIBLINGS)
			return refuse(c, SET_filesystem_open_siblings, NULL, e,
				      "more than %d files beside '%s' have its name", MAX_SIBLINGS, real);
		r = show(c, source, at, e);
	}
	return r;
}

static int show_folder(struct context *c, const char *real, const char *target, struct err *e)
{
	autofree char *folder = xstrndup(real, (size_t)(strrchr(real, '/') - real)),
		      *place = xstrndup(target, (size_t)(strrchr(target, '/') - target));

	return !*folder || !*place || compile_is_too_wide(c, folder) ? 0 : show(c, folder, place, e);
}

int compile_siblings(struct context *c, struct err *e)
{
	bool folder = policy_is(c->policy, SET_filesystem_open_siblings, "folder");
	int r = 0;

	if (policy_is(c->policy, SET_filesystem_open_siblings, "no"))
		return 0;
	if (!policy_is(c->policy, SET_process_instances, "many"))
		return refuse(c, SET_filesystem_open_siblings, NULL, e,
			      "a second start shows none (process.instances)");
	for (size_t i = 1; r == 0 && c->command[i]; i++) {
		autofree char *target = compile_argument_path(c->host, c->command[i]), *real = NULL;
		struct err none = {0};
		struct node node;

		if (!target || host_resolve(c->host, target, &real, &node, &none) < 0 || node.type != NODE_FILE ||
		    !view_shows_host(c->view, target, real, VIEW_READ_ONLY))
			continue;
		r = folder ? show_folder(c, real, target, e) : show_same_name(c, real, target, e);
	}
	return r;
}
