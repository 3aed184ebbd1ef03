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

static struct json *json_change(const struct shown *shown, const struct change *change)
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
			json_append(changes, json_change(shown, &shown->changes.v[i]));
	json_add(overlay, "changes", changes);
	return overlay;
}

int session_diff(struct ctl *ctl, int argc, char **argv)
{
	bool json = argc == 2 && (str_eq(argv[0], "--json") || str_eq(argv[1], "--json"));
	const char *name = json && str_eq(argv[0], "--json") ? argv[1] : argv[0];
	struct json *top = NULL, *overlays = NULL;
	struct session session = SESSION_NONE;
	autostrv struct strv ids = {0};
	autostr struct str out = {0};
	struct err e = {0};
	int status = 0;

	if (argc != 1 + json)
		return ctl_usage("session diff NAME [--json]");
	if (session_by_name(ctl, name, SESSION_READ, &session, &e) < 0 || session_overlays(&session, &ids, &e) < 0)
		status = ctl_fail(&e, 1);
	if (json && status == 0) {
		top = json_new_object();
		json_add_string(top, "name", name);
		json_add(top, "overlays", overlays = json_new_array());
	}
	for (size_t i = 0; i < ids.count; i++) {
		struct shown shown = SHOWN_NONE;

		if (shown_read(ctl, &session, ids.v[i], &shown, &e) < 0)
			status = ctl_fail(&e, 1);
		else if (json)
			json_append(overlays, json_overlay(&shown));
		for (size_t k = 0; !json && k < shown.changes.count; k++)
			if (shown.changes.v[k].kind != CHANGE_SAME)
				session_line(&shown, &shown.changes.v[k], &out);
		shown_done(&shown);
	}
	if (top)
		json_print(top, &out);
	json_done(top);
	session_close(&session);
	return ctl_print(&out) ? 1 : status;
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
	struct json *one = json_new_object(), *folders = json_new_array();

	json_add_string(one, "name", name);
	json_add_bool(one, "in_use", sum->busy);
	for (size_t i = 0; i < sum->folders.count; i++)
		json_append_string(folders, sum->folders.v[i]);
	json_add(one, "folders", folders);
	json_add_string(one, "image", sum->image[0] ? sum->image : NULL);
	json_add_uint(one, "changes", sum->changes);
	json_add_uint(one, "bytes", sum->bytes);
	return one;
}

static void text_sum(const char *name, const struct sum *sum, struct str *out)
{
	if (sum->busy)
		str_addf(out, "%-24s in use", name);
	else
		str_addf(out, "%-24s %8llu changes %12llu bytes", name, (unsigned long long)sum->changes,
			 (unsigned long long)sum->bytes);
	if (sum->image[0])
		str_addf(out, " image %s", sum->image);
	for (size_t i = 0; i < sum->folders.count; i++) {
		str_add(out, " ");
		str_add_escaped(out, sum->folders.v[i], true);
	}
	str_add(out, "\n");
}

int session_list(struct ctl *ctl, int argc, char **argv)
{
	struct json *top = argc == 1 && str_eq(argv[0], "--json") ? json_new_object() : NULL, *sessions = NULL;
	autostrv struct strv found = {0};
	autostr struct str out = {0};
	struct err e = {0};
	int status = 0;

	if (argc && !top)
		return ctl_usage("session list takes --json only");
	if (top)
		json_add(top, "sessions", sessions = json_new_array());
	if (store_names(ctl->host.sessions, &found, &e) < 0)
		status = ctl_fail(&e, 1);
	for (size_t i = 0; i < found.count; i++) {
		struct sum sum = {0};

		if (sum_up(ctl, found.v[i], &sum, &e) < 0)
			status = ctl_fail(&e, 1);
		else if (top)
			json_append(sessions, json_sum(found.v[i], &sum));
		else
			text_sum(found.v[i], &sum, &out);
		strv_done(&sum.folders);
	}
	if (top)
		json_print(top, &out);
	json_done(top);
	return ctl_print(&out) ? 1 : status;
}
