/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop-find: the files by which a desktop starts programs, and the overrides that lie over them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "ctl/desktop.h"
#include "desktop/place.h"

const char *const desk_kind_word[DESK_KINDS] = {"entry", "service", "autostart", "path"};
const char *const desk_state_word[DESK_STATES] = {"enabled", "outdated", "edited", "gone", "off", "other"};

static const struct {
	const char *below, *ending;
	enum exec_form form;
} kinds[DESK_KINDS] = {{"applications", ".desktop", EXEC_ENTRY},
		       {"dbus-1/services", ".service", EXEC_SERVICE},
		       {"autostart", ".desktop", EXEC_ENTRY},
		       {".local/bin", "", EXEC_SHELL}};

static void item_done(struct desk_item *item)
{
	char *owned[] = {item->name, item->source, item->program, item->profile, item->why};

	for (size_t i = 0; i < countof(owned); i++)
		free(owned[i]);
	str_done(&item->text);
}

void desk_done(struct desk *desk)
{
	for (size_t i = 0; i < desk->count; i++)
		item_done(&desk->v[i]);
	for (size_t k = 0; k < DESK_KINDS; k++) {
		free(desk->folder[k]);
		strv_done(&desk->sources[k]);
	}
	strv_done(&desk->names);
	strv_done(&desk->profiles);
	free(desk->v);
	free(desk->sbx);
	*desk = (struct desk){0};
}

char *desk_id(const struct desk_item *item)
{
	char *id = xstrdup(item->name);

	for (char *p = id; (p = strchr(p, '/'));)
		*p = '-';
	return id;
}

const char *desk_profile_of(struct desk *desk, const char *program, struct err *e)
{
	char *name = NULL;

	for (size_t i = 0; i < desk->names.count; i++)
		if (str_eq(desk->names.v[i], program))
			return desk->profiles.v[i];
	if (profile_for_command(program, &desk->ctl->folders, &name, e) < 0)
		return NULL;
	if (str_eq(name, "default"))
		name[0] = '\0';
	strv_add(&desk->names, program);
	strv_take(&desk->profiles, name);
	return name;
}

int desk_make(const struct desk *desk, const struct desk_item *item, const char *profile, struct str *ret,
	      struct err *e)
{
	autofree char *kept = xasprintf("%s" PLACE_KEPT, item->source); /* where it will be then */
	bool moves = item->own && item->kind != DESK_PATH;
	const struct override how = {kinds[item->kind].form, desk->sbx, profile, moves ? kept : item->source};

	return override_make(&how, &item->text, ret, e);
}

/* What is, or would be, under the override: what is kept beside it, or the first of the system. */
static void find_source(const struct desk *desk, struct desk_item *item)
{
	const char *own = desk->folder[item->kind];
	autofree char *kept = xasprintf("%s" PLACE_KEPT, item->name);
	struct err e;

	if (item->kind == DESK_PATH) {
		item->source = desk_in_path(desk, item->name, own);
		return;
	}
	if (place_read(own, kept, &item->text, &e) == 0) {
		item->source = xasprintf("%s/%s", own, kept);
		return;
	}
	for (size_t i = 0; i < desk->sources[item->kind].count; i++) {
		const char *folder = desk->sources[item->kind].v[i];

		str_done(&item->text);
		if (place_read(folder, item->name, &item->text, &e) == 0) {
			item->source = xasprintf("%s/%s", folder, item->name);
			return;
		}
	}
	str_done(&item->text);
}

static void set_state(struct desk_item *item, enum desk_state state, char *owned_why)
{
	item->state = state;
	free(item->why);
	item->why = owned_why;
}

/* An override that is there. */
static void judge(const struct desk *desk, struct desk_item *item, const struct str *text, const struct marks *marks)
{
	autostr struct str now = {0};
	autofree char *file = NULL;
	struct err e = {0};

	item->profile = marks->profile ? xstrdup(marks->profile) : NULL;
	item->outside = kinds[item->kind].form != EXEC_SHELL && !desk_is_sandboxed(text);
	if (marks->edited)
		set_state(item, DESK_EDITED, xstrdup("somebody has changed it since sbxctl made it"));
	else if (!item->source)
		set_state(item, DESK_GONE, xasprintf("'%s' is not there any more", marks->source));
	else if (profile_find(marks->profile, &desk->ctl->folders, &file, &e) < 0)
		set_state(item, DESK_OUTDATED, xasprintf("it can't start: %s", e.text));
	else if (desk_make(desk, item, marks->profile, &now, &e) < 0)
		set_state(item, DESK_OUTDATED, xasprintf("it can't be made anew: %s", e.text));
	else if (now.len != text->len || memcmp(now.s, text->s, text->len) != 0)
		set_state(item, DESK_OUTDATED, xasprintf("'%s' or sbx has changed", item->source));
	else
		set_state(item, DESK_ENABLED, NULL);
}

static bool look_at_own(struct desk *desk, struct desk_item *item, struct str *own, struct marks *marks)
{
	struct err e;

	if (place_read(desk->folder[item->kind], item->name, own, &e) < 0)
		return false;
	marks_read(own, kinds[item->kind].form, marks);
	return true;
}

/* One without an override. */
static int look_up(struct desk *desk, struct desk_item *item, struct err *e)
{
	const char *profile;

	item->state = DESK_OTHER;
	if (item->why || item->foreign || !item->program)
		return 0;
	profile = desk_profile_of(desk, item->program, e);
	if (!profile)
		return -e->code;
	if (*profile)
		item->profile = xstrdup(profile);
	set_state(item, *profile ? DESK_OFF : DESK_OTHER,
		  *profile ? NULL : xasprintf("no profile names '%s' as a command", item->program));
	return 0;
}

bool desk_look(struct desk *desk, struct desk_item *item, struct err *e)
{
	autostr struct str own = {0};
	struct marks marks = {0};
	bool there = look_at_own(desk, item, &own, &marks), known;

	if (there && !marks.generated && item->kind != DESK_PATH) {
		item->own = true;
		item->source = xasprintf("%s/%s", desk->folder[item->kind], item->name);
		item->text = own;
		own = (struct str){0};
	} else {
		item->own = there && !marks.generated;
		find_source(desk, item);
	}
	if (item->kind == DESK_PATH) {
		autofree char *real = item->source ? realpath(item->source, NULL) : NULL;

		item->program = xstrdup(real ? strrchr(real, '/') + 1 : item->name);
		known = item->source;
	} else {
		known = item->source && desk_read_source(item);
	}
	if (marks.generated)
		judge(desk, item, &own, &marks);
	else if (known && look_up(desk, item, e) < 0)
		set_state(item, DESK_OTHER, xstrdup(e->text));
	known |= marks.generated;
	marks_done(&marks);
	return known;
}

struct desk_item *desk_add(struct desk *desk, enum desk_kind kind, const char *name)
{
	desk->v = xgrow(desk->v, desk->count, &desk->cap, sizeof *desk->v);
	desk->v[desk->count] = (struct desk_item){.kind = kind, .name = xstrdup(name)};
	return &desk->v[desk->count++];
}

static void read_kind(struct desk *desk, enum desk_kind kind)
{
	autofree char *kept = xasprintf("%s" PLACE_KEPT, kinds[kind].ending);
	autostrv struct strv names = {0}, beside = {0};
	struct err e = {0};

	place_names(desk->folder[kind], kinds[kind].ending, &names);
	place_names(desk->folder[kind], kept, &beside);
	for (size_t i = 0; i < beside.count; i++)
		strv_take(&names, xstrndup(beside.v[i], strlen(beside.v[i]) - strlen(PLACE_KEPT)));
	for (size_t i = 0; kind != DESK_PATH && i < desk->sources[kind].count; i++)
		place_names(desk->sources[kind].v[i], kinds[kind].ending, &names);
	strv_sort(&names, 0);
	for (size_t i = 0; i < names.count; i++) {
		struct desk_item *item;

		if (i && str_eq(names.v[i], names.v[i - 1]))
			continue;
		item = desk_add(desk, kind, names.v[i]);
		if (!desk_look(desk, item, &e) || (kind == DESK_PATH && item->state >= DESK_OFF)) {
			item_done(item);
			desk->count--;
		}
	}
}

/* A service by which D-Bus starts the program of an entry, whatever its own Exec is called. */
static void match_services(struct desk *desk)
{
	for (size_t i = 0; i < desk->count; i++) {
		const struct desk_item *entry = &desk->v[i];
		size_t len = strlen(entry->name) - strlen(".desktop");

		for (size_t k = 0; entry->activated && entry->program && k < desk->count; k++) {
			struct desk_item *service = &desk->v[k];
			autofree char *name = service->kind == DESK_SERVICE
						      ? keyfile_value(&service->text, SERVICE_GROUP, "Name")
						      : NULL;

			if (!name || strlen(name) != len || strncmp(name, entry->name, len) != 0)
				continue;
			free(service->program);
			service->program = xstrdup(entry->program);
			if (service->profile || service->foreign || !entry->profile)
				continue;
			service->profile = xstrdup(entry->profile);
			set_state(service, DESK_OFF, NULL);
		}
	}
}

/* The folders of a variable of XDG but the user's own. */
static void add_sources(struct desk *desk, enum desk_kind kind, const char *variable, const char *usual)
{
	const char *value = host_env(&desk->ctl->host, variable);
	autofree char *copy = xstrdup(value && *value ? value : usual);
	char *rest = copy, *folder;

	while ((folder = strsep(&rest, ":"))) {
		autofree char *path = xasprintf("%s/%s", folder, kinds[kind].below);
		autofree char *real = folder[0] == '/' ? host_real(&desk->ctl->host, path) : NULL;

		if (real && !str_eq(real, desk->folder[kind]))
			strv_take(&desk->sources[kind], take(path));
	}
}

int desk_read(const struct ctl *ctl, struct desk *ret, struct err *e)
{
	const struct host *host = &ctl->host;
	const char *above[DESK_KINDS] = {host->data, host->data, host->config, host->home};
	const char *bin = host_env(host, "XDG_BIN_HOME");

	ret->ctl = ctl;
	ret->sbx = child_sbx(e);
	if (!ret->sbx)
		return -e->code;
	if (access(ret->sbx, X_OK) < 0)
		return err_errno(e, errno, "start '%s', which is what entries would start", ret->sbx);
	for (int k = 0; k < DESK_KINDS; k++) {
		autofree char *path = NULL;

		if (!above[k])
			return err_set(e, ENOENT, "the caller has no home, in which entries would be");
		path = k == DESK_PATH && bin && *bin == '/'
			       ? xstrdup(bin)
			       : xasprintf("%s/%s", str_eq(above[k], "/") ? "" : above[k], kinds[k].below);
		ret->folder[k] = host_real(host, path);
	}
	add_sources(ret, DESK_ENTRY, "XDG_DATA_DIRS", "/usr/local/share:/usr/share");
	add_sources(ret, DESK_SERVICE, "XDG_DATA_DIRS", "/usr/local/share:/usr/share");
	add_sources(ret, DESK_AUTOSTART, "XDG_CONFIG_DIRS", "/etc/xdg");
	for (int k = 0; k < DESK_KINDS; k++)
		read_kind(ret, (enum desk_kind)k);
	match_services(ret);
	return 0;
}
