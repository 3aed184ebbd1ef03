/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* persist: what the command keeps on the host: folders, which are shown as they are, and single files.
 *
 * Programs save a file in many ways, and most need its folder: they write another file and rename it. So in the place
 * of the folder a file lies in, the command has a folder of sbx with a copy of that file, where it can do what it
 * likes; run/keep.h brings what it saves back to the host. */
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sha256.h"
#include "compile/files.h"

enum { ID_LENGTH = 16, MOST_BYTES = 256 << 20 };

/* One file of the host. */
struct single {
	enum setting_id id;
	const struct value *value;
	const char *target; /* in the sandbox */
	const char *real;   /* on the host, no link on the way */
	bool there;
};

/* The path with the links of the folders above it followed, and what is there. The last name is looked at once: looked
 * up again, it could have become a link, and would lead elsewhere. Owned by the caller. */
static char *persistent(const struct context *c, const char *path, struct node *ret)
{
	const char *slash = strrchr(path, '/');
	autofree char *above = slash > path ? xstrndup(path, (size_t)(slash - path)) : xstrdup("/"), *real = NULL,
		      *all = NULL;
	struct err none = {0};

	ret->type = NODE_NONE;
	if (host_resolve(c->host, above, &real, NULL, &none) < 0)
		return xstrdup(path);
	all = xasprintf("%s%s", real[1] ? real : "", slash);
	c->host->look(c->host, all, ret);
	return take(all);
}

static char *folder_above(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash > path ? xstrndup(path, (size_t)(slash - path)) : xstrdup("/");
}

/* A folder of sbx's own, whose name is that of the host's folder. Owned by the caller. */
static char *own_folder(const struct context *c, const struct single *file)
{
	autofree char *above = folder_above(file->real), *named = NULL;
	struct sha256 *sha = sha256_begin();
	char digest[SHA256_TEXT];

	sha256_add(sha, above, strlen(above) + 1);
	for (size_t i = 0; file->id == SET_filesystem_open_arguments && c->command[i]; i++)
		sha256_add(sha, c->command[i], strlen(c->command[i]) + 1);
	sha256_end(sha, digest);
	named = xasprintf("%s/sbx/files/%s/%.*s", c->host->data, c->policy->name, ID_LENGTH, digest);
	return files_through_home(c, named);
}

static bool is_below_store(const struct context *c, const char *path, const char *name)
{
	autofree char *named = xasprintf("%s/sbx/%s", c->host->data, name), *store = files_through_home(c, named);

	return path_below(path, store) && !str_eq(path, store);
}

bool files_is_own(const struct context *c, const struct view_entry *entry)
{
	return c->host->data && entry->kind == VIEW_READ_WRITE &&
	       (is_below_store(c, entry->source, "homes") || is_below_store(c, entry->source, "files"));
}

static bool is_kept(const struct plan *plan, const char *real)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_KEEP && str_eq(plan_text(plan, plan->step[i].a), real))
			return true;
	return false;
}

/* Is something of another rule in the folder, which a folder in its place would cover, as in /etc? */
static bool has_others(const struct context *c, const char *folder)
{
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];

		if ((entry->kind == VIEW_FILE || entry->kind == VIEW_LINK || entry->kind == VIEW_IMAGE ||
		     entry->kind == VIEW_DEVICE || entry->kind == VIEW_HIDE) &&
		    path_below(entry->target, folder))
			return true;
	}
	return false;
}

/* Which folder of the host the command has there: one that is sbx's already, or one that is laid over what is there.
 * NULL: the folder has more in it that is to be seen. Owned by the caller. */
static char *place_of(struct context *c, const struct single *file, const char *text)
{
	autofree char *folder = folder_above(file->target), *own = own_folder(c, file),
		      *files = xasprintf("%s/files", own);
	const struct view_entry *there = view_find(c->view, folder), *above = view_mount_above(c->view, folder, NULL);
	bool mounted = there && view_is_mount(there->kind) && there->kind != VIEW_SCRATCH;
	struct view_entry *entry;

	if (!folder[1] || (mounted && !files_is_own(c, there)))
		return NULL;
	if (mounted)
		return xstrdup(there->source);
	if (above && above->kind != VIEW_SCRATCH && !files_is_own(c, above))
		return NULL;
	if (has_others(c, folder))
		return NULL;
	entry = view_add(c, VIEW_READ_WRITE, folder, files, there ? there->layer : file->value->layer, text);
	entry->type = NODE_FOLDER;
	return take(files);
}

static bool is_private(const struct context *c, const char *real)
{
	const char *const own[] = {c->host->data, c->host->state};

	for (size_t i = 0; i < c->policy->folders.count; i++) {
		autofree char *folder = host_real(c->host, c->policy->folders.v[i]);

		if (path_below(real, folder))
			return true;
	}
	for (size_t i = 0; i < countof(own); i++) {
		autofree char *named = own[i] ? xasprintf("%s/sbx", own[i]) : NULL,
			      *folder = named ? host_real(c->host, named) : NULL;

		if (folder && path_below(real, folder))
			return true;
	}
	return false;
}

/* In its place, without its folder: what is saved by a rename can't be. */
static int show_alone(struct context *c, const struct single *file, const char *text, struct err *e)
{
	struct view_entry *entry;

	if (!file->there) {
		(void)refuse(c, file->id, file->value, e,
			     "'%s' is not there, and can't be made: another rule shows more of its folder",
			     file->target);
		return err_hint(e, "make it first, or show its folder writable");
	}
	entry = view_add(c, VIEW_READ_WRITE, file->target, file->real, file->value->layer, text);
	entry->type = NODE_FILE;
	c->host_writable = true;
	return 0;
}

static int keep(struct context *c, const struct single *file, struct err *e)
{
	autofree char *own = NULL, *folder = NULL, *owner = NULL, *copy = NULL;
	autostr struct str data = {0};
	char buf[WHY_SIZE];
	bool cleared;
	const char *text = origin_text(file->value->origin, buf, sizeof buf);

	if (is_kept(c->plan, file->real) || view_shows_host(c->view, file->target, file->real, VIEW_READ_WRITE))
		return 0; /* with its folder, or by a rule of its own */
	if (is_private(c, file->real) && file->id == SET_filesystem_open_arguments)
		return show_alone(c, file, text, e);
	if (is_private(c, file->real))
		return refuse(c, file->id, file->value, e, "'%s' is of sbx itself, or a profile: never writable",
			      file->target);
	if (!c->host->data)
		return refuse(c, file->id, file->value, e, "the caller has no home, in which a copy of it would be");
	folder = c->bare ? NULL : place_of(c, file, text);
	if (!folder)
		return show_alone(c, file, text, e);
	owner = compile_owner(c, c->host->uid);
	copy = xasprintf("%s%s", folder, strrchr(file->target, '/'));
	cleared = is_below_store(c, folder, "files");
	own = cleared ? folder_above(folder) : own_folder(c, file);
	plan_add(c->plan, STEP_KEEP, text, file->real, copy, MOST_BYTES, cleared);
	str_add_bytes(&data, own, strlen(own) + 1);
	if (owner)
		str_add_bytes(&data, owner, strlen(owner) + 1);
	plan_data(c->plan, data.s, data.len);
	c->host_writable = true;
	return 0;
}

/* A persistent folder is made if it is missing. The payload of an earlier run may have put a link in its place. */
static int persist_one(struct context *c, enum setting_id id, const struct value *value, bool files, struct err *e)
{
	struct node node;
	autofree char *path = persistent(c, value->text, &node), *real = NULL;
	bool is_file = id == SET_filesystem_persist_file || node.type == NODE_FILE;
	char buf[WHY_SIZE];
	const char *text = origin_text(value->origin, buf, sizeof buf);
	struct view_entry *entry;

	if (is_file != files)
		return 0;
	if (node.type == NODE_LINK)
		return refuse(c, id, value, e, "'%s' is a symbolic link", value->text);
	if (path_below(path, "/proc"))
		return refuse(c, id, value, e, "'%s' is of the host's /proc", path);
	if (is_file && node.type != NODE_NONE && node.type != NODE_FILE)
		return refuse(c, id, value, e, "'%s' is no regular file", value->text);
	real = node.type == NODE_NONE ? files_through_home(c, value->text) : xstrdup(path);
	if (is_file)
		return keep(c,
			    &(struct single){.id = id,
					     .value = value,
					     .target = value->text,
					     .real = real,
					     .there = node.type == NODE_FILE},
			    e);
	if (node.type == NODE_NONE) {
		files_make(c, real, text);
		node.type = NODE_FOLDER;
	}
	entry = view_add(c, VIEW_READ_WRITE, value->text, real, value->layer, text);
	entry->type = node.type;
	c->host_writable = true;
	return 0;
}

static int persist_all(struct context *c, bool files, struct err *e)
{
	static const enum setting_id ids[] = {SET_filesystem_persist, SET_filesystem_persist_file};
	int r = 0;

	for (size_t k = 0; k < countof(ids); k++) {
		const struct entry *list = &c->policy->entry[ids[k]];

		for (size_t i = 0; r == 0 && i < list->count; i++)
			r = persist_one(c, ids[k], &list->v[i], files, e);
	}
	return r;
}

int compile_persist(struct context *c, struct err *e)
{
	return persist_all(c, false, e);
}

int compile_persist_files(struct context *c, struct err *e)
{
	return persist_all(c, true, e);
}

int files_keep(struct context *c, const struct value *value, const char *target, const char *real, struct err *e)
{
	const struct single file = {
		.id = SET_filesystem_open_arguments, .value = value, .target = target, .real = real, .there = true};

	return keep(c, &file, e);
}
