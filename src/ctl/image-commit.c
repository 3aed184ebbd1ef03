/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-commit: sbxctl image commit, and what sessions need of the store. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "box/store.h"
#include "ctl/image.h"
#include "ctl/session.h"

int image_used(const struct ctl *ctl, struct strv *ret, struct err *e)
{
	autoclose int sessions = -1;
	autostrv struct strv names = {0};
	int r = store_names(ctl->host.sessions, &names, e);

	if (r < 0 || !names.count)
		return r;
	sessions = open(ctl->host.sessions, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sessions < 0)
		return err_errno(e, errno, "open the sessions '%s'", ctl->host.sessions);
	for (size_t i = 0; i < names.count; i++) {
		char digest[SESSION_DIGEST];

		if (session_image(sessions, names.v[i], digest) == 0)
			strv_add(ret, digest);
	}
	return 0;
}

/* In a layer such a name says that another is gone. */
static bool is_mark(const char *path)
{
	const char *slash = strrchr(path, '/');

	return str_starts(slash ? slash + 1 : path, ".wh.");
}

/* All that can't be in a layer is said, or is reason enough to stop. */
static int check(const struct shown *shown, struct rows *rows, struct json *refused, struct err *e)
{
	for (size_t i = 0; i < shown->changes.count; i++) {
		const struct change *change = &shown->changes.v[i];
		bool mark = change->kind != CHANGE_REMOVED && is_mark(change->path);
		autostr struct str path = {0};

		if (change->kind == CHANGE_REFUSED) {
			session_line(shown, change, &rows->text);
			json_append(refused, session_change(shown, change));
		}
		if (!mark && (change->kind != CHANGE_REFUSED || change->lost))
			continue;
		str_add_escaped(&path, change->path, true);
		(void)err_set(e, EPERM, "'/%s' can't be in an image: %s", path.s,
			      mark ? "in a layer its name says that another is gone" : change->what);
		return err_hint(e, "mend it in a run of the session");
	}
	return 0;
}

static int read_changes(struct ctl *ctl, const struct session *session, struct shown *ret, struct err *e)
{
	autostrv struct strv ids = {0};
	int r = session_overlays(session, &ids, e);

	if (r == 0 && !strv_has(&ids, SESSION_IMAGE))
		return err_set(e, ENOENT, "the session '%s' has no changes of an image", session->path);
	if (r == 0)
		r = shown_read(ctl, session, SESSION_IMAGE, ret, e);
	return r;
}

static int add(const struct ctl *ctl, const struct shown *shown, const char *full, char ret_digest[IMAGE_DIGEST],
	       struct err *e)
{
	struct image_store store = IMAGE_STORE_NONE;
	autofree char *sbx = NULL, *archive = NULL;
	struct image image = {0};
	int r = image_tools(ctl, &sbx, &archive, e);
	struct image_tools tools = {.sbx = sbx, .archive = archive};

	if (r == 0)
		r = image_store(ctl, STORE_ADD, &store, e);
	if (r == 0)
		r = image_open(&store, shown->overlay.lower, &image, e);
	if (r == 0)
		r = image_extend(&store, &tools, &image, shown->overlay.upper, ret_digest, e);
	if (r == 0)
		r = store_set_ref(&store, full, ret_digest, e);
	image_done(&image);
	image_store_close(&store);
	return r;
}

int image_commit(struct ctl *ctl, int argc, char **argv)
{
	struct session session = SESSION_NONE;
	struct shown shown = SHOWN_NONE;
	autofree char *full = NULL;
	struct json *refused = NULL, *item;
	char digest[IMAGE_DIGEST];
	struct image_words words;
	struct err e = {0};
	struct rows rows;
	int r, status = 0;

	if (!image_words_read(argc, argv, 2, 2, &words))
		return 2;
	rows_begin(&rows, "images", ctl->json);
	refused = json_new_array();
	full = ref_full(words.word[1], &e);
	r = full ? session_by_name(ctl, words.word[0], SESSION_CHANGE, &session, &e) : -e.code;
	if (r == 0)
		r = read_changes(ctl, &session, &shown, &e);
	if (r == 0)
		r = check(&shown, &rows, refused, &e);
	if (r == 0)
		r = add(ctl, &shown, full, digest, &e);
	if (r < 0) {
		status = rows_failed(&rows, words.word[1], &e);
	} else {
		str_addf(&rows.text, "%s %s\n", full, digest);
		item = rows_did(&rows, full, "committed");
		json_add_string(item, "digest", digest);
		json_add(item, "refused", json_share(refused));
	}
	json_done(refused);
	shown_done(&shown);
	session_close(&session);
	return rows_end(&rows, NULL, 0, status);
}
