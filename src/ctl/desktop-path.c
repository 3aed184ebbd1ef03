/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop-path: programs that are started by their names: what PATH leads to, and scripts that come before it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/desktop.h"

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *desk_in_path(const struct desk *desk, const char *name, const char *skip)
{
	const char *value = host_env(&desk->ctl->host, "PATH");
	autofree char *copy = xstrdup(value ? value : "/usr/local/bin:/usr/bin:/bin");
	char *rest = copy, *folder;

	while ((folder = strsep(&rest, ":"))) {
		autofree char *path = xasprintf("%s/%s", folder, name);
		autofree char *real = folder[0] == '/' ? host_real(&desk->ctl->host, folder) : NULL;

		if (real && !str_eq(real, skip) && is_program(path))
			return take(path);
	}
	return NULL;
}

void desk_aliases(const struct desk *desk, const char *program, struct strv *ret)
{
	static const char *const names[] = {"x-www-browser", "gnome-www-browser", "www-browser"};
	const char *skip = desk->folder[DESK_PATH];
	autofree char *path = desk_in_path(desk, program, skip), *real = path ? realpath(path, NULL) : NULL;

	for (size_t i = 0; real && i < countof(names); i++) {
		autofree char *alias = desk_in_path(desk, names[i], skip);
		autofree char *same = alias ? realpath(alias, NULL) : NULL;

		if (same && str_eq(same, real))
			strv_add(ret, names[i]);
	}
}

static void choose(struct desk *desk, const char *name, const char *profile)
{
	struct desk_item *item;
	struct err e = {0};

	for (size_t i = 0; i < desk->count; i++)
		if (desk->v[i].kind == DESK_PATH && str_eq(desk->v[i].name, name)) {
			desk->v[i].chosen = true;
			return;
		}
	item = desk_add(desk, DESK_PATH, name);
	if (!desk_look(desk, item, &e))
		item->state = DESK_OTHER; /* PATH does not lead to it: there is nothing to be in front of */
	if (item->source && profile && !item->profile)
		item->profile = xstrdup(profile);
	item->chosen = item->source;
	if (item->chosen && item->profile && item->state == DESK_OTHER)
		item->state = DESK_OFF;
}

void desk_choose_paths(struct desk *desk)
{
	size_t before = desk->count;

	for (size_t i = 0; i < before; i++) {
		autofree char *program = NULL, *profile = NULL;
		autostrv struct strv names = {0};

		if (!desk->v[i].chosen || desk->v[i].kind == DESK_PATH || !desk->v[i].program)
			continue;
		program = xstrdup(desk->v[i].program); /* the list grows */
		profile = desk->v[i].profile ? xstrdup(desk->v[i].profile) : NULL;
		strv_add(&names, program);
		desk_aliases(desk, program, &names);
		for (size_t k = 0; k < names.count; k++)
			choose(desk, names.v[k], profile);
	}
}
