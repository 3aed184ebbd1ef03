/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlay: folders of the host of which the command writes a copy, in memory or in a session, as it does of an image.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "compile/files.h"

enum { NAME_MAX_LENGTH = 64, ID_LENGTH = 16 };

/* That of a box, which is a folder's, too. */
static bool is_name(const char *name)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(name);

	return len >= 1 && len <= NAME_MAX_LENGTH && !name[strspn(name, bytes)] && *name != '.' && *name != '-';
}

static char *folder_of(const struct context *c, const char *name)
{
	autofree char *path = xasprintf("%s/%s", c->host->sessions, name);

	return host_real(c->host, path);
}

const char *compile_session(const struct context *c)
{
	const char *name = policy_text(c->policy, SET_filesystem_session);

	return name || !policy_is(c->policy, SET_filesystem_home, "overlay") ? name : c->policy->name;
}

/* What is written to the image goes to the session that is named, if nothing else is said. */
static bool keeps_image(const struct context *c)
{
	const char *writes = policy_enum(c->policy, SET_filesystem_image_writes);

	if (!c->host->image)
		return false;
	return writes ? str_eq(writes, "session") : policy_value(c->policy, SET_filesystem_session) != NULL;
}

char *compile_image_session(const struct context *c)
{
	autofree char *folder = keeps_image(c) ? folder_of(c, compile_session(c)) : NULL;

	return folder ? xasprintf("%s/image", folder) : NULL;
}

static int open_session(struct context *c, struct err *e)
{
	const char *name = compile_session(c);
	bool home = policy_is(c->policy, SET_filesystem_home, "overlay");
	autofree char *folder = NULL, *text = NULL;
	char buf[WHY_SIZE];

	if (!c->policy->entry[SET_filesystem_overlay].count && !home && !keeps_image(c))
		return refuse(c, SET_filesystem_session, NULL, e,
			      c->host->image ? "there is no overlay (filesystem.overlay), and what is written to the "
					       "image is not kept (filesystem.image-writes)"
					     : "there is no overlay (filesystem.overlay), and no image");
	if (!is_name(name))
		return refuse(c, SET_filesystem_session, NULL, e,
			      "'%s' is no name of a session: letters, digits, '.', '_' and '-', at most %d, no '.' or "
			      "'-' at the start",
			      name, NAME_MAX_LENGTH);
	if (!c->host->sessions)
		return refuse(c, SET_filesystem_session, NULL, e, "the caller has no home, in which sessions would be");
	if (c->isolated) {
		(void)refuse(c, SET_filesystem_session, NULL, e, "what user %u writes would not be the caller's",
			     c->payload_uid);
		return err_hint(e, "leave the session out, or set process.user to another value");
	}
	if (c->many) {
		(void)refuse(c, SET_filesystem_session, NULL, e,
			     "with filesystem.image-ids = many what is written would not all be the caller's");
		return err_hint(e, "leave one of them out");
	}
	folder = folder_of(c, name);
	text = policy_value(c->policy, SET_filesystem_session)
		       ? xstrdup(why(c, SET_filesystem_session, buf))
		       : xasprintf("%s, named after the profile", why(c, SET_filesystem_home, buf));
	plan_add(c->plan, STEP_OPEN_SESSION, text, folder, NULL, 0, 0);
	c->host_writable = true; /* files that nothing counts */
	return 0;
}

static int check_able(const struct context *c, enum setting_id id, struct err *e)
{
	if (c->host->gated) {
		(void)refuse(c, id, NULL, e, "the setuid sbx has no overlays");
		return err_hint(e, "where users may make user namespaces, an sbx without setuid has them");
	}
	return c->bare ? refuse(c, id, NULL, e, "there are no overlays without namespaces") : 0;
}

/* A folder that is the lower layer of two would have two copies of one name in a session. */
static bool is_twice(const struct context *c, const char *source, const struct view_entry *self)
{
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];

		if (entry != self && entry->kind == VIEW_OVERLAY && str_eq(entry->source, source))
			return true;
	}
	return false;
}

static int show(struct context *c, const struct value *value, struct err *e)
{
	const char *target = value->target ? value->target : value->text;
	const struct view_entry *entry;
	int r = files_show(c, VIEW_OVERLAY, SET_filesystem_overlay, value, value->text, target, e);

	if (r < 0)
		return r;
	entry = view_find(c->view, target);
	if (!entry || entry->kind != VIEW_OVERLAY)
		return 0; /* an optional one that is not there, or another rule has won */
	if (entry->type != NODE_FOLDER)
		return refuse(c, SET_filesystem_overlay, value, e, "'%s' is no folder", value->text);
	if (is_twice(c, entry->source, entry))
		return refuse(c, SET_filesystem_overlay, value, e, "'%s' has an overlay already", value->text);
	return 0;
}

int compile_home_overlay(struct context *c, const char *text, struct err *e)
{
	autofree char *real = NULL;
	int r = check_able(c, SET_filesystem_home, e);

	if (r == 0)
		r = host_resolve(c->host, c->host->home, &real, NULL, e);
	if (r < 0)
		return err_prefix(e, "%s: filesystem.home", text);
	(void)view_add(c, VIEW_OVERLAY, c->inner_home, real, policy_value(c->policy, SET_filesystem_home)->layer, text);
	return 0;
}

int compile_overlays(struct context *c, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_filesystem_overlay];
	int r = list->count ? check_able(c, SET_filesystem_overlay, e) : 0;

	if (r == 0 && compile_session(c)) {
		r = open_session(c, e);
	} else if (r == 0 && keeps_image(c)) {
		(void)refuse(c, SET_filesystem_image_writes, NULL, e, "no session is named");
		return err_hint(e, "--session=NAME names one");
	}
	for (size_t i = 0; r == 0 && i < list->count; i++)
		r = show(c, &list->v[i], e);
	return r;
}

void compile_overlay_mount(struct context *c, const struct view_entry *entry, uint64_t attributes)
{
	const char *name = compile_session(c);
	autofree char *folder = name ? folder_of(c, name) : NULL, *written = NULL;
	struct sha256 *sha;
	char digest[SHA256_TEXT];

	plan_add(c->plan, STEP_OVERLAY, entry->why, entry->source, entry->target, attributes, 0);
	if (!folder)
		return;
	sha = sha256_begin();
	sha256_add(sha, entry->source, strlen(entry->source));
	sha256_end(sha, digest);
	written = xasprintf("%s/%.*s", folder, ID_LENGTH, digest);
	plan_data(c->plan, written, strlen(written) + 1);
}
