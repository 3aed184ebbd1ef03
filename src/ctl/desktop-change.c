/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop-change: sbxctl desktop enable and disable. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "ctl/desktop.h"
#include "desktop/place.h"

struct wish {
	bool all, refresh, path;
	const char *profile; /* --profile; NULL; borrowed */
	struct strv names;
};

static bool parse(int argc, char **argv, bool enable, struct wish *ret)
{
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--all"))
			ret->all = true;
		else if (enable && str_eq(argv[i], "--refresh"))
			ret->refresh = true;
		else if (enable && str_eq(argv[i], "--path"))
			ret->path = true;
		else if (enable && str_starts(argv[i], "--profile=") && !ret->profile)
			ret->profile = argv[i] + strlen("--profile=");
		else if (argv[i][0] != '-')
			strv_add(&ret->names, argv[i]);
		else
			return false;
	}
	return ret->all != (ret->names.count > 0) && (!ret->profile || ret->names.count == 1) &&
	       (!ret->refresh || ret->all);
}

static bool is_there(const struct desk_item *item)
{
	return item->state <= DESK_GONE;
}

static void did(struct rows *rows, const struct desk_item *item, const char *profile, const char *what)
{
	autofree char *id = desk_id(item);
	struct json *row = rows_did(rows, id, what);

	json_add_string(row, "kind", desk_kind_word[item->kind]);
	json_add_string(row, "profile", profile);
	str_addf(&rows->text, "%-9s %-9s ", what, desk_kind_word[item->kind]);
	str_add_escaped(&rows->text, id, true);
	if (profile) {
		str_add(&rows->text, " --profile=");
		str_add_escaped(&rows->text, profile, true);
	}
	str_add(&rows->text, "\n");
}

static int failed(struct rows *rows, const struct desk_item *item, struct err *e)
{
	autofree char *id = desk_id(item);

	(void)err_prefix(e, "%s '%s'", desk_kind_word[item->kind], id);
	return rows_failed(rows, id, e);
}

/* What nobody but its author can decide about. */
static int is_edited(const struct desk *desk, const struct desk_item *item, struct err *e)
{
	const char *folder = desk->folder[item->kind];

	(void)err_set(e, EBUSY, "somebody has changed '%s/%s' since sbxctl made it", folder, item->name);
	return err_hint(e, "give it another name (mv '%s/%s' '%s/%s.mine') or remove it, and try again", folder,
			item->name, folder, item->name);
}

static int put_back(const struct desk *desk, const struct desk_item *item, struct err *e)
{
	return item->state == DESK_EDITED ? is_edited(desk, item, e)
					  : place_restore(desk->folder[item->kind], item->name, e);
}

static const char *chosen_profile(const struct desk_item *item, const struct wish *wish)
{
	return wish->profile ? wish->profile : item->profile;
}

static int make(const struct desk *desk, const struct desk_item *item, const char *profile, struct err *e)
{
	autostr struct str text = {0};
	autofree char *file = NULL;
	int r;

	if (!profile) {
		(void)err_set(e, ENOENT, "%s", item->why ? item->why : "it has no profile");
		return err_hint(e, item->foreign ? "leave it as it is" : "name a profile: --profile=NAME");
	}
	if (item->foreign)
		return err_set(e, EINVAL, "%s", item->why);
	if (!item->source) {
		(void)err_set(e, ENOENT, "%s", item->why ? item->why : "there is nothing to lie over");
		return err_hint(e, "sbxctl desktop disable takes the override away");
	}
	r = profile_find(profile, &desk->ctl->folders, &file, e);
	if (r == 0)
		r = desk_make(desk, item, profile, &text, e);
	return r < 0 ? r
		     : place_put(desk->folder[item->kind], item->name, &text, item->kind == DESK_PATH ? 0777 : 0666,
				 item->own, e);
}

/* 1: a file has changed, 0: none; or a negative errno. */
static int enable_one(const struct desk *desk, const struct desk_item *item, const struct wish *wish, struct rows *rows,
		      struct err *e)
{
	const char *profile = chosen_profile(item, wish);
	bool same = profile && item->profile && str_eq(profile, item->profile);
	int r;

	if (wish->refresh && item->state == DESK_GONE) {
		r = put_back(desk, item, e);
		if (r == 0)
			did(rows, item, NULL, "removed");
		return r < 0 ? r : 1;
	}
	if (item->state == DESK_EDITED)
		return is_edited(desk, item, e);
	if (item->state == DESK_ENABLED && same) {
		did(rows, item, profile, "unchanged");
		return 0;
	}
	r = make(desk, item, profile, e);
	if (r == 0)
		did(rows, item, profile, is_there(item) ? "renewed" : "enabled");
	return r < 0 ? r : 1;
}

static int disable_one(const struct desk *desk, const struct desk_item *item, struct rows *rows, struct err *e)
{
	bool there = is_there(item) || place_has_kept(desk->folder[item->kind], item->name);
	int r = there ? put_back(desk, item, e) : 0;

	if (r == 0)
		did(rows, item, NULL, there ? "disabled" : "unchanged");
	return r < 0 ? r : there;
}

/* All that start a program that one of the chosen does: by D-Bus, at the login, and of those that are there, by PATH.
 */
static void choose_beside(struct desk *desk, const struct wish *wish)
{
	for (size_t i = 0; i < desk->count; i++) {
		for (size_t k = 0; desk->v[i].chosen && desk->v[i].program && k < desk->count; k++) {
			struct desk_item *item = &desk->v[k];

			if (item->kind == DESK_ENTRY || !item->program || item->foreign ||
			    !str_eq(item->program, desk->v[i].program))
				continue;
			item->chosen |= item->state != DESK_OTHER || wish->profile;
		}
	}
}

static int choose(struct desk *desk, const struct wish *wish, bool enable, struct rows *rows)
{
	int status = 0;

	for (size_t n = 0; n < wish->names.count; n++) {
		struct err e = {0};
		bool found = false;

		for (size_t i = 0; i < desk->count; i++)
			if (desk_is_named(&desk->v[i], wish->names.v[n]))
				found = desk->v[i].chosen = true;
		if (found)
			continue;
		(void)err_set(&e, ENOENT, "there is no entry, service or autostart called '%s', and none starts it",
			      wish->names.v[n]);
		(void)err_hint(&e, "sbxctl desktop list --all shows what is there");
		status = rows_failed(rows, wish->names.v[n], &e);
	}
	for (size_t i = 0; wish->all && i < desk->count; i++) {
		const struct desk_item *item = &desk->v[i];

		desk->v[i].chosen = is_there(item) || (enable ? !wish->refresh && item->state == DESK_OFF
							      : place_has_kept(desk->folder[item->kind], item->name));
	}
	choose_beside(desk, wish);
	if (wish->path)
		desk_choose_paths(desk);
	return status;
}

/* Of all those that somebody might have meant. */
static void tell_foreign(const struct desk *desk, struct rows *rows)
{
	for (size_t i = 0; i < desk->count; i++) {
		const struct desk_item *item = &desk->v[i];

		if (!item->foreign || item->state != DESK_OTHER)
			continue;
		did(rows, item, NULL, "skipped");
		str_addf(&rows->text, "          %s\n", item->why ? item->why : "flatpak has a sandbox of its own");
	}
}

/* Does it with all that are chosen. */
static int apply(const struct desk *desk, const struct wish *wish, bool enable, struct rows *rows)
{
	bool services = false, entries = false;
	struct err types = {0}, bus = {0};
	int status = 0;

	for (size_t i = 0; i < desk->count; i++) {
		const struct desk_item *item = &desk->v[i];
		struct err e = {0};
		int r;

		if (!item->chosen)
			continue;
		r = enable ? enable_one(desk, item, wish, rows, &e) : disable_one(desk, item, rows, &e);
		if (r < 0)
			status = failed(rows, item, &e);
		services |= r == 1 && item->kind == DESK_SERVICE;
		entries |= r >= 0 && item->kind == DESK_ENTRY;
	}
	if (entries && desk_update_types(desk, &types) < 0)
		status = rows_failed(rows, "mimeinfo.cache", &types);
	if (services && desk_reload(desk->ctl, &bus) < 0)
		status = rows_failed(rows, "session bus", &bus);
	return status;
}

int desk_mend(struct desk *desk, struct rows *rows)
{
	const struct wish wish = {.all = true, .refresh = true};

	for (size_t i = 0; i < desk->count; i++) {
		enum desk_state state = desk->v[i].state;

		desk->v[i].chosen = state == DESK_OFF || state == DESK_OUTDATED || state == DESK_GONE;
	}
	return apply(desk, &wish, true, rows);
}

static int change(struct desk *desk, const struct wish *wish, bool enable, struct rows *rows)
{
	int status = choose(desk, wish, enable, rows);

	status |= apply(desk, wish, enable, rows);
	if (wish->all && enable && !wish->refresh)
		tell_foreign(desk, rows);
	return status;
}

static int desktop_change(struct ctl *ctl, int argc, char **argv, bool enable)
{
	autodesk struct desk desk = {0};
	autofree char *file = NULL;
	struct wish wish = {0};
	struct err e = {0};
	struct rows rows;
	int status;

	if (!parse(argc, argv, enable, &wish)) {
		strv_done(&wish.names);
		return ctl_usage(enable ? "desktop enable NAME... or --all [--refresh], with [--path]; with one NAME "
					  "--profile=PROFILE"
					: "desktop disable NAME... or --all");
	}
	if (wish.profile && strchr(wish.profile, '/')) /* a launcher is in another folder */
		wish.profile = file = host_absolute_here(&ctl->host, wish.profile);
	rows_begin(&rows, "entries", ctl->json);
	status = desk_read(ctl, &desk, &e) < 0 ? ctl_fail(&e, 1) : change(&desk, &wish, enable, &rows);
	strv_done(&wish.names);
	return rows_end(&rows, NULL, 0, status);
}

int desktop_enable(struct ctl *ctl, int argc, char **argv)
{
	return desktop_change(ctl, argc, argv, true);
}

int desktop_disable(struct ctl *ctl, int argc, char **argv)
{
	return desktop_change(ctl, argc, argv, false);
}
