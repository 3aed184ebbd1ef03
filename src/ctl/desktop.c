/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop: sbxctl desktop list and status, and which word is whose. */
#include "ctl/desktop.h"

#include <string.h>

#include "base/mem.h"

bool desk_is_named(const struct desk_item *item, const char *name)
{
	static const char *const endings[] = {"", ".desktop", ".service"};
	autofree char *id = desk_id(item);

	for (size_t i = 0; i < countof(endings); i++) {
		autofree char *file = xasprintf("%s%s", name, endings[i]);

		if (str_eq(id, file))
			return true;
	}
	return item->program && str_eq(item->program, name);
}

void desk_names(const struct ctl *ctl, struct strv *ret)
{
	autodesk struct desk desk = {0};
	struct err e;

	if (desk_read(ctl, &desk, &e) < 0)
		return;
	for (size_t i = 0; i < desk.count; i++) {
		if (desk.v[i].state == DESK_OTHER)
			continue;
		strv_take(ret, desk_id(&desk.v[i]));
		if (desk.v[i].program)
			strv_add(ret, desk.v[i].program);
	}
}

static struct json *row_of(const struct desk *desk, const struct desk_item *item)
{
	autofree char *id = desk_id(item), *file = xasprintf("%s/%s", desk->folder[item->kind], item->name);
	struct json *row = json_new_object();

	json_add_string(row, "name", id);
	json_add_string(row, "kind", desk_kind_word[item->kind]);
	json_add_string(row, "program", item->program);
	json_add_string(row, "profile", item->profile);
	json_add_string(row, "state", desk_state_word[item->state]);
	json_add_string(row, "file", file);
	json_add_string(row, "source", item->source);
	json_add_string(row, "why", item->why);
	return row;
}

static bool is_asked(const struct desk_item *item, const struct strv *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (desk_is_named(item, names->v[i]))
			return true;
	return false;
}

/* Both words: `list` shows what could be enabled, too; `status` what is. */
static int show(struct ctl *ctl, int argc, char **argv, bool list)
{
	static const struct column columns[] = {{"NAME", "name", -32, NULL},       {"KIND", "kind", -9, NULL},
						{"PROGRAM", "program", -16, NULL}, {"PROFILE", "profile", -12, NULL},
						{"STATE", "state", -8, NULL},      {"WHY", "why", 0, NULL}};
	autostrv struct strv names = {0};
	autodesk struct desk desk = {0};
	bool all = false, bad = false;
	struct err e = {0};
	struct rows rows;

	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--all"))
			all = true;
		else if (argv[i][0] != '-')
			strv_add(&names, argv[i]);
		else
			return ctl_usage("desktop list and status take names, --all and --json only");
	}
	rows_begin(&rows, "entries", ctl->json);
	if (desk_read(ctl, &desk, &e) < 0)
		return rows_end(&rows, NULL, 0, ctl_fail(&e, 1));
	for (size_t i = 0; i < desk.count; i++) {
		const struct desk_item *item = &desk.v[i];
		bool shown = names.count ? is_asked(item, &names)
			     : all       ? true
			     : list      ? item->state != DESK_OTHER || item->foreign
					 : item->state <= DESK_GONE;

		if (!shown)
			continue;
		bad |= item->state > DESK_ENABLED && item->state <= DESK_GONE;
		rows_add(&rows, row_of(&desk, item));
	}
	return rows_end(&rows, columns, countof(columns), bad && !list);
}

int desktop_list(struct ctl *ctl, int argc, char **argv)
{
	return show(ctl, argc, argv, true);
}

int desktop_status(struct ctl *ctl, int argc, char **argv)
{
	return show(ctl, argc, argv, false);
}

int ctl_desktop(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} words[] = {{"enable", desktop_enable},
		     {"disable", desktop_disable},
		     {"list", desktop_list},
		     {"status", desktop_status}};

	ctl->json = rows_asked(&argc, argv);
	for (size_t i = 0; argc && i < countof(words); i++)
		if (str_eq(words[i].name, argv[0]))
			return words[i].run(ctl, argc - 1, argv + 1);
	return ctl_usage("desktop: one of enable, disable, list, status");
}
