/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor-desktop: all ways in which a program that has a profile would start outside of its sandbox. */
#include "ctl/doctor-desktop.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/desktop.h"
#include "desktop/place.h"

/* The programs of all files that have a profile, each once. */
static void find_programs(const struct desk *desk, struct outside *ret)
{
	for (size_t i = 0; i < desk->count; i++) {
		const struct desk_item *item = &desk->v[i];

		if (item->kind == DESK_PATH || !item->profile || !item->program ||
		    strv_has(&ret->programs, item->program))
			continue;
		strv_add(&ret->programs, item->program);
		strv_add(&ret->profiles, item->profile);
	}
}

/* How a desktop starts it: a click, a call by D-Bus, the login, a name. */
static void item_finding(const struct outside *out, const struct desk_item *item)
{
	static const char *const layers[DESK_KINDS] = {"entry", "d-bus", "autostart", "path"};
	const char *program = item->program ? item->program : "?", *why = item->why ? item->why : "";
	autofree char *id = desk_id(item), *text = NULL, *fix = NULL;
	int good = 1;

	if (item->state == DESK_ENABLED) {
		text = xasprintf("%s starts %s with the profile %s", id, program, item->profile);
	} else if (item->state == DESK_OFF) {
		good = 0;
		text = xasprintf("%s starts %s outside of its sandbox", id, program);
		fix = xasprintf("sbxctl desktop enable %s", id);
	} else if (item->state == DESK_EDITED) {
		good = item->outside ? 0 : -1;
		text = xasprintf("%s was changed by somebody, and starts %s %s", id, program,
				 item->outside ? "outside of its sandbox" : "in a sandbox");
		fix = xasprintf("remove %s/%s, then sbxctl desktop enable %s", out->desk->folder[item->kind],
				item->name, id);
	} else {
		good = item->outside ? 0 : -1;
		text = xasprintf("%s: %s", id, why);
		fix = xasprintf("sbxctl desktop enable --all --refresh");
	}
	doctor_finding(out->d, layers[item->kind], good, text, fix);
}

static bool is_script(const char *path)
{
	autofree char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	autostr struct str text = {0};
	struct marks marks = {0};
	struct err e;
	bool made;

	if (place_read(folder, strrchr(path, '/') + 1, &text, &e) < 0)
		return false;
	marks_read(&text, EXEC_SHELL, &marks);
	made = marks.generated && !marks.edited;
	marks_done(&marks);
	return made;
}

/* What a person types, and what other programs call by its name. */
static void name_finding(const struct outside *out, const char *layer, const char *name, const char *program)
{
	autofree char *path = desk_in_path(out->desk, name, ""), *text = NULL, *fix = NULL, *own = NULL;
	bool script = path && is_script(path);

	if (!path)
		return;
	if (script) {
		text = xasprintf("the name %s leads to a sandbox, by %s", name, path);
	} else {
		own = xasprintf("%s/%s", out->desk->folder[DESK_PATH], name);
		text = xasprintf("the name %s leads to %s, outside of a sandbox", name, path);
		fix = is_script(own) ? xasprintf("put %s at the beginning of PATH", out->desk->folder[DESK_PATH])
				     : xasprintf("sbxctl desktop enable --path %s", program);
	}
	doctor_finding(out->d, layer, script ? 1 : -1, text, fix);
}

/* The name of the first of the words of $BROWSER's first choice. */
static void browser_finding(const struct outside *out)
{
	const char *value = host_env(&out->desk->ctl->host, "BROWSER");
	autofree char *first = value ? xstrndup(value, strcspn(value, ": \t")) : NULL, *path = NULL, *text = NULL;
	const char *name = first ? (strrchr(first, '/') ? strrchr(first, '/') + 1 : first) : "";

	if (!strv_has(&out->programs, name))
		return;
	path = first[0] == '/' ? xstrdup(first) : desk_in_path(out->desk, first, "");
	if (!path || is_script(path))
		return;
	text = xasprintf("$BROWSER leads to %s, outside of a sandbox", path);
	doctor_finding(out->d, "browser", -1, text,
		       first[0] == '/' ? "sbxctl desktop enable --path, and in $BROWSER the name without its folder"
				       : "sbxctl desktop enable --path");
}

static void name_findings(const struct outside *out)
{
	for (size_t i = 0; i < out->programs.count; i++) {
		autostrv struct strv aliases = {0};

		name_finding(out, "path", out->programs.v[i], out->programs.v[i]);
		desk_aliases(out->desk, out->programs.v[i], &aliases);
		for (size_t k = 0; k < aliases.count; k++)
			name_finding(out, "alternative", aliases.v[k], out->programs.v[i]);
	}
	browser_finding(out);
}

/* Entries that lie on the desktop itself are nobody's but the user's. */
static void icon_findings(const struct outside *out)
{
	const char *folder = out->desk->ctl->host.desktop;
	autostrv struct strv names = {0};

	if (folder)
		place_names(folder, ".desktop", &names);
	for (size_t i = 0; i < names.count; i++) {
		struct desk_item item = {.kind = DESK_ENTRY};
		autofree char *text = NULL;
		struct err e;

		if (place_read(folder, names.v[i], &item.text, &e) == 0 && desk_read_source(&item) && item.outside &&
		    item.program && strv_has(&out->programs, item.program)) {
			text = xasprintf("%s/%s starts %s outside of its sandbox", folder, names.v[i], item.program);
			doctor_finding(out->d, "icon", 0, text, "copy the entry anew, from the menu");
		}
		str_done(&item.text);
		free(item.program);
		free(item.why);
	}
}

void doctor_desktop(struct doctor *d, const struct desk *desk)
{
	struct outside out = {.d = d, .desk = desk};

	find_programs(desk, &out);
	for (size_t i = 0; i < desk->count; i++)
		if (desk->v[i].state != DESK_OTHER)
			item_finding(&out, &desk->v[i]);
	name_findings(&out);
	icon_findings(&out);
	unit_findings(&out);
	running_findings(&out);
	if (!out.programs.count)
		doctor_finding(d, "entry", 1, "no entry starts a program that has a profile", NULL);
	strv_done(&out.programs);
	strv_done(&out.profiles);
}
