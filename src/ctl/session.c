/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* session: sbxctl session list, diff, commit, discard. */
#include "ctl/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "box/store.h"
#include "session/commit.h"
#include "use-image.h"

int session_by_name(const struct ctl *ctl, const char *name, enum session_use use, struct session *ret, struct err *e)
{
	autofree char *path = NULL, *real = NULL;

	if (!store_is_name(name))
		return err_set(e, EINVAL, "'%s' is no name of a session", name);
	if (!ctl->host.sessions)
		return err_set(e, ENOENT, "the caller has no home, in which sessions would be");
	path = xasprintf("%s/%s", ctl->host.sessions, name);
	real = host_real(&ctl->host, path);
	return session_open(real, use, ret, e);
}

static int open_layers(struct ctl *ctl, const struct session *session, struct shown *ret, struct err *e)
{
	const struct strv *layers;

	host_free_image(&ctl->host);
	if (use_image(&ctl->host, ret->overlay.lower, e) < 0)
		return err_prefix(e, "the session '%s' has changes of an image that can't be read", session->path);
	layers = &ctl->host.image->layers;
	ret->lower = xcalloc(layers->count + 1, sizeof *ret->lower);
	for (; ret->lowers < layers->count; ret->lowers++) {
		ret->lower[ret->lowers] = fd_open_plain(layers->v[ret->lowers], O_RDONLY | O_DIRECTORY, 0);
		if (ret->lower[ret->lowers] < 0)
			return err_errno(e, errno, "open the layer '%s'", layers->v[ret->lowers]);
	}
	return 0;
}

static int open_lower(struct shown *ret, struct err *e)
{
	int lower = session_lower(&ret->overlay, e);

	if (lower < 0)
		return lower;
	ret->lower = xcalloc(1, sizeof *ret->lower);
	ret->lower[ret->lowers++] = lower;
	return 0;
}

int shown_read(struct ctl *ctl, const struct session *session, const char *id, struct shown *ret, struct err *e)
{
	int r = session_overlay_open(session, id, &ret->overlay, e);

	if (r == 0)
		r = session_is_image(&ret->overlay) ? open_layers(ctl, session, ret, e) : open_lower(ret, e);
	return r < 0 ? r : session_read(&ret->overlay, ret->lower, ret->lowers, &ret->changes, e);
}

void shown_done(struct shown *shown)
{
	session_overlay_done(&shown->overlay);
	while (shown->lowers)
		mem_close_ptr(&shown->lower[--shown->lowers]);
	free(shown->lower);
	shown->lower = NULL;
	changes_done(&shown->changes);
}

/* Where a change would decide over the next sandbox, or is of sbx itself. */
static void never_of(const struct host *host, struct strv *ret)
{
	const char *above[] = {host->config, host->data, host->state, host->cache};
	const char *own[] = {host->profile_folder[0],
			     host->profile_folder[1],
			     host->profile_folder[2],
			     host->boxes,
			     host->images,
			     host->sessions,
			     "/etc/sbx",
			     "/var/lib/sbx"};

	for (size_t i = 0; i < countof(own); i++)
		if (own[i])
			strv_take(ret, host_real(host, own[i]));
	for (size_t i = 0; i < countof(above); i++) {
		autofree char *path = above[i] ? xasprintf("%s/sbx", above[i]) : NULL;

		if (path)
			strv_take(ret, host_real(host, path));
	}
}

/* What is asked for in this folder, below it. `used` counts, for each path, in how many folders it is. */
static void paths_below(const struct shown *shown, const struct strv *paths, bool *used, struct strv *ret)
{
	const char *lower = shown->overlay.lower;

	for (size_t i = 0; i < paths->count; i++) {
		const char *rest = paths->v[i] + (lower[1] ? strlen(lower) : 0);

		if (!path_below(paths->v[i], lower))
			continue;
		used[i] = true;
		strv_add(ret, *rest == '/' ? rest + 1 : rest);
	}
}

static bool is_whole(const struct strv *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!*paths->v[i])
			return true;
	return false;
}

struct asked {
	struct strv paths; /* absolute; none: all */
	bool *used;        /* of each */
	bool force;
	struct strv never;
	struct rows rows;
	struct json *refused; /* what can't be committed */
};

static void refuse(struct asked *asked, const struct shown *shown, const struct change *change)
{
	session_line(shown, change, &asked->rows.text);
	json_append(asked->refused, session_change(shown, change));
}

static int commit_one(struct shown *shown, struct asked *asked, bool apply, struct err *e)
{
	autostrv struct strv paths = {0};
	struct commit commit = {
		.overlay = &shown->overlay,
		.lower = shown->lower[0],
		.changes = &shown->changes,
		.never = (const char *const *)asked->never.v,
		.force = asked->force,
	};
	int r;

	paths_below(shown, &asked->paths, asked->used, &paths);
	if (asked->paths.count && !paths.count)
		return 0;
	if (asked->paths.count && !is_whole(&paths))
		commit.paths = (const char *const *)paths.v;
	r = commit_check(&commit, e);
	if (r < 0 || !apply)
		return r;
	r = commit_apply(&commit, e);
	if (r == 0)
		r = commit_finish(&commit, e);
	for (size_t i = 0; r == 0 && i < shown->changes.count; i++)
		if (shown->changes.v[i].kind == CHANGE_REFUSED && commit_takes(&commit, &shown->changes.v[i]))
			refuse(asked, shown, &shown->changes.v[i]);
	return r;
}

/* What was written to an image is nothing that the host has a place for. Leaves it out where paths are named. */
static int take_folders(const struct session *session, const struct asked *asked, struct strv *ret, struct err *e)
{
	autostrv struct strv ids = {0};
	int r = session_overlays(session, &ids, e);

	for (size_t i = 0; r == 0 && i < ids.count; i++) {
		if (!str_eq(ids.v[i], SESSION_IMAGE)) {
			strv_add(ret, ids.v[i]);
		} else if (!asked->paths.count) {
			(void)err_set(e, EINVAL, "the session '%s' has changes of an image, which no folder is for",
				      session->path);
			r = err_hint(e, "sbxctl image commit SESSION NAME makes an image with them; of the host's "
					"folders, name those that are to be committed");
		}
	}
	return r;
}

/* All folders are looked at before the first is changed. */
static int commit_all(struct ctl *ctl, const struct session *session, struct asked *asked, struct err *e)
{
	autostrv struct strv ids = {0};
	autofree struct shown *shown = NULL;
	int r = take_folders(session, asked, &ids, e);

	shown = xcalloc(ids.count + 1, sizeof *shown);
	for (size_t i = 0; i < ids.count; i++)
		shown[i] = (struct shown)SHOWN_NONE;
	for (size_t i = 0; r == 0 && i < ids.count; i++) {
		r = shown_read(ctl, session, ids.v[i], &shown[i], e);
		if (r == 0)
			r = commit_one(&shown[i], asked, false, e);
	}
	for (size_t i = 0; r == 0 && i < asked->paths.count; i++)
		if (!asked->used[i])
			r = err_set(e, ENOENT, "'%s' is in no folder of the session", asked->paths.v[i]);
	for (size_t i = 0; r == 0 && i < ids.count; i++)
		r = commit_one(&shown[i], asked, true, e);
	for (size_t i = 0; i < ids.count; i++)
		shown_done(&shown[i]);
	return r;
}

int session_commit(struct ctl *ctl, int argc, char **argv)
{
	struct session session = SESSION_NONE;
	struct asked asked = {0};
	const char *name = NULL;
	struct err e = {0};
	int status = 0;

	for (int i = 0; i < argc; i++) {
		autofree char *path = NULL;

		if (str_eq(argv[i], "--force")) {
			asked.force = true;
		} else if (!name) {
			name = argv[i];
		} else {
			path = host_absolute_here(&ctl->host, argv[i]);
			strv_take(&asked.paths, path_normal(path));
		}
	}
	if (!name)
		return ctl_usage("session commit NAME [--force] [PATH]...");
	asked.used = xcalloc(asked.paths.count + 1, sizeof *asked.used);
	never_of(&ctl->host, &asked.never);
	rows_begin(&asked.rows, "sessions", ctl->json);
	asked.refused = json_new_array();
	if (session_by_name(ctl, name, SESSION_CHANGE, &session, &e) < 0 || commit_all(ctl, &session, &asked, &e) < 0)
		status = rows_failed(&asked.rows, name, &e);
	else
		json_add(rows_did(&asked.rows, name, "committed"), "refused", json_share(asked.refused));
	json_done(asked.refused);
	session_close(&session);
	strv_done(&asked.paths);
	strv_done(&asked.never);
	free(asked.used);
	return rows_end(&asked.rows, NULL, 0, status);
}

int session_discard(struct ctl *ctl, int argc, char **argv)
{
	struct rows rows;
	int status = 0;

	if (argc < 1)
		return ctl_usage("session discard NAME...");
	rows_begin(&rows, "sessions", ctl->json);
	for (int i = 0; i < argc; i++) {
		struct session session = SESSION_NONE;
		struct err e = {0};

		if (session_by_name(ctl, argv[i], SESSION_CHANGE, &session, &e) < 0 || session_remove(&session, &e) < 0)
			status = rows_failed(&rows, argv[i], &e);
		else
			(void)rows_did(&rows, argv[i], "discarded");
		session_close(&session);
	}
	return rows_end(&rows, NULL, 0, status);
}

int ctl_session(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} words[] = {{"list", session_list},
		     {"diff", session_diff},
		     {"commit", session_commit},
		     {"discard", session_discard}};

	ctl->json = rows_asked(&argc, argv);
	for (size_t i = 0; argc && i < countof(words); i++)
		if (str_eq(words[i].name, argv[0]))
			return words[i].run(ctl, argc - 1, argv + 1);
	return ctl_usage("session: one of list, diff, commit, discard");
}
