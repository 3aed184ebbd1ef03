/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* session-show: sbxctl session list and diff. All names in what was changed are a stranger's. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "box/store.h"
#include "ctl/session.h"

static void add_path(const struct shown *shown, const struct change *change, struct str *out)
{
	const char *lower = shown->overlay.lower;

	str_add(out, session_is_image(&shown->overlay) || !lower[1] ? "" : lower);
	if (*change->path || !out->len)
		str_addf(out, "/%s", change->path);
}

void session_line(const struct shown *shown, const struct change *change, struct str *out)
{
	bool refused = change->kind == CHANGE_REFUSED, gone = refused || change->kind == CHANGE_REMOVED;
	autostr struct str path = {0};

	add_path(shown, change, &path);
	str_addf(out, "%-8s %-6s ", change_word[change->kind], refused ? "-" : change->what);
	if (gone || change->link)
		str_addf(out, "%4s %12s ", "-", "-");
	else
		str_addf(out, "%04o %12llu ", change->mode, (unsigned long long)change->size);
	str_add_escaped(out, path.s, true);
	if (change->link) {
		str_add(out, " -> ");
		str_add_escaped(out, change->link, true);
	}
	if (refused || change->setuid)
		str_addf(out, ": %s", refused ? change->what : "without its setuid and setgid bits");
	str_add(out, "\n");
}

struct json *session_change(const struct shown *shown, const struct change *change)
{
	struct json *one = json_new_object();
	autostr struct str path = {0};

	add_path(shown, change, &path);
	json_add_string(one, "change", change_word[change->kind]);
	json_add_bytes(one, "path", &path);
	json_add_string(one, change->kind == CHANGE_REFUSED ? "why" : "type", change->what);
	if (change->kind == CHANGE_REFUSED || change->kind == CHANGE_REMOVED)
		return one;
	json_add_uint(one, "mode", change->mode);
	json_add_uint(one, "bytes", change->size);
	json_add_bool(one, "setuid_dropped", change->setuid);
	if (change->link) {
		autostr struct str text = {0};

		str_add(&text, change->link);
		json_add_bytes(one, "link", &text);
	}
	return one;
}

static struct json *json_overlay(const struct shown *shown)
{
	struct json *overlay = json_new_object(), *changes = json_new_array();
	bool image = session_is_image(&shown->overlay);

	json_add_string(overlay, "folder", image ? NULL : shown->overlay.lower);
	json_add_string(overlay, "image", image ? shown->overlay.lower : NULL);
	for (size_t i = 0; i < shown->changes.count; i++)
		if (shown->changes.v[i].kind != CHANGE_SAME)
			json_append(changes, session_change(shown, &shown->changes.v[i]));
	json_add(overlay, "changes", changes);
	return overlay;
}

int session_diff(struct ctl *ctl, int argc, char **argv)
{
	struct json *item, *overlays = NULL;
	struct session session = SESSION_NONE;
	autostrv struct strv ids = {0};
	struct err e = {0};
	struct rows rows;
	int status = 0, r;

	if (argc != 1)
		return ctl_usage("session diff NAME [--json]");
	rows_begin(&rows, "sessions", ctl->json);
	item = json_new_object();
	json_add_string(item, "name", argv[0]);
	json_add(item, "overlays", overlays = json_new_array());
	r = session_by_name(ctl, argv[0], SESSION_READ, &session, &e);
	if (r == 0)
		r = session_overlays(&session, &ids, &e);
	for (size_t i = 0; i < ids.count; i++) {
		struct shown shown = SHOWN_NONE;
		struct err one = {0};

		if (shown_read(ctl, &session, ids.v[i], &shown, &one) < 0)
			status = rows_failed(&rows, argv[0], &one);
		else
			json_append(overlays, json_overlay(&shown));
		for (size_t k = 0; k < shown.changes.count; k++)
			if (shown.changes.v[k].kind != CHANGE_SAME)
				session_line(&shown, &shown.changes.v[k], &rows.text);
		shown_done(&shown);
	}
	if (r < 0)
		status = rows_failed(&rows, argv[0], &e);
	else
		rows_add(&rows, json_share(item));
	json_done(item);
	session_close(&session);
	return rows_end(&rows, NULL, 0, status);
}

/* What all overlays of a session have. */
struct sum {
	bool busy;
	char image[SESSION_DIGEST]; /* "": none */
	struct strv folders;
	uint64_t changes, bytes;
};

static int sum_up(struct ctl *ctl, const char *name, struct sum *ret, struct err *e)
{
	struct session session = SESSION_NONE;
	autostrv struct strv ids = {0};
	int r = session_by_name(ctl, name, SESSION_READ, &session, e);

	ret->busy = r < 0 && e->code == EBUSY;
	if (r < 0)
		return ret->busy ? 0 : r;
	r = session_overlays(&session, &ids, e);
	for (size_t i = 0; r == 0 && i < ids.count; i++) {
		struct shown shown = SHOWN_NONE;

		r = shown_read(ctl, &session, ids.v[i], &shown, e);
		if (r == 0 && session_is_image(&shown.overlay))
			(void)snprintf(ret->image, sizeof ret->image, "%s", shown.overlay.lower);
		else if (r == 0)
			strv_add(&ret->folders, shown.overlay.lower);
		for (size_t k = 0; k < shown.changes.count; k++) {
			ret->changes += shown.changes.v[k].kind != CHANGE_SAME;
			ret->bytes += shown.changes.v[k].size;
		}
		shown_done(&shown);
	}
	session_close(&session);
	return r;
}

static struct json *json_sum(const char *name, const struct sum *sum)
{
	struct json *one = json_new_object();

	json_add_string(one, "name", name);
	json_add_bool(one, "in_use", sum->busy);
	json_add(one, "folders", json_new_texts(&sum->folders));
	json_add_string(one, "image", sum->image[0] ? sum->image : NULL);
	json_add_null(one, "change_count"); /* of one in use nothing is known */
	json_add_null(one, "bytes");
	if (sum->busy)
		return one;
	json_add_uint(one, "change_count", sum->changes);
	json_add_uint(one, "bytes", sum->bytes);
	return one;
}

static void show_use(struct str *out, const struct json *value)
{
	str_add(out, str_eq(json_text(value), "true") ? "in use" : "-");
}

static void show_folders(struct str *out, const struct json *value)
{
	for (size_t i = 0; i < json_count(value); i++) {
		str_add(out, i ? " " : "");
		str_add_escaped(out, json_text(json_at(value, i)), true);
	}
}

int session_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct column columns[] = {
		{"NAME", "name", -24, NULL},  {"USE", "in_use", -6, show_use}, {"CHANGES", "change_count", 8, NULL},
		{"BYTES", "bytes", 12, NULL}, {"IMAGE", "image", -19, NULL},   {"FOLDERS", "folders", 0, show_folders}};
	autostrv struct strv found = {0};
	struct err e = {0};
	struct rows rows;
	int status = 0;

	(void)argv;
	if (argc)
		return ctl_usage("session list takes --json only");
	rows_begin(&rows, "sessions", ctl->json);
	if (store_names(ctl->host.sessions, &found, &e) < 0)
		status = ctl_fail(&e, 1);
	for (size_t i = 0; i < found.count; i++) {
		struct sum sum = {0};

		if (sum_up(ctl, found.v[i], &sum, &e) < 0)
			status = rows_failed(&rows, found.v[i], &e);
		else
			rows_add(&rows, json_sum(found.v[i], &sum));
		strv_done(&sum.folders);
	}
	return rows_end(&rows, columns, countof(columns), status);
}
