/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files: the rules of [filesystem] become entries of the view. */
#include "compile/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/view.h"

static struct view_entry *scratch(struct context *c, const char *path, mode_t mode, const char *why_text)
{
	struct view_entry *entry = view_add(c, VIEW_SCRATCH, path, NULL, 0, why_text);

	entry->mode = mode;
	return entry;
}

/* Something of the host, as it is: a link stays a link, the rest is shown read-only. */
static void show_base(struct context *c, const char *path, const char *why_text)
{
	struct node node;

	c->host->look(c->host, path, &node);
	if (node.type == NODE_LINK)
		view_add(c, VIEW_LINK, path, node.link, 0, why_text);
	else if (node.type == NODE_FOLDER)
		view_add(c, VIEW_READ_ONLY, path, path, 0, why_text);
}

static void base_private(struct context *c, const char *why_text)
{
	autofree char *runtime = xasprintf("/run/user/%u", c->inner_uid);

	scratch(c, "/tmp", 01777, why_text);
	scratch(c, "/var/tmp", 01777, why_text);
	scratch(c, "/dev/shm", 01777, why_text);
	scratch(c, runtime, 0700, why_text);
	view_add(c, VIEW_LINK, "/var/run", "/run", 0, why_text);
	view_add(c, VIEW_LINK, "/var/lock", "/run/lock", 0, why_text);
	view_add(c, VIEW_DIR, "/run/lock", NULL, 0, why_text);
	view_add(c, VIEW_DIR, "/dev", NULL, 0, why_text);
	view_add(c, VIEW_PROC, "/proc", NULL, 0, why_text);
}

static void base_system(struct context *c, const char *why_text)
{
	static const char *const top[] = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};

	for (size_t i = 0; i < countof(top); i++)
		show_base(c, top[i], why_text);
	base_private(c, why_text);
}

/* The whole host but what is private of its nature. */
static void base_host(struct context *c, const char *why_text)
{
	static const char *const own[] = {"proc", "dev", "tmp", "run", "sys", "home", "root", "var", "lost+found"};
	autostrv struct strv names = {0};

	c->host->list(c->host, "/", &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("/%s", names.v[i]);
		bool replaced = false;

		for (size_t j = 0; j < countof(own); j++)
			replaced |= str_eq(names.v[i], own[j]);
		if (!replaced)
			show_base(c, path, why_text);
	}
	base_private(c, why_text);
	names = (strv_done(&names), (struct strv){0});
	c->host->list(c->host, "/var", &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("/var/%s", names.v[i]);

		if (!str_eq(names.v[i], "tmp") && !str_eq(names.v[i], "run") && !str_eq(names.v[i], "lock"))
			show_base(c, path, why_text);
	}
}

char *files_through_home(const struct context *c, const char *path)
{
	autofree char *real = NULL;
	struct err none = {0};

	if (!c->host->home || !path_below(path, c->host->home) ||
	    host_resolve(c->host, c->host->home, &real, NULL, &none) < 0)
		return xstrdup(path);
	return xasprintf("%s%s", real[1] ? real : "", path + strlen(c->host->home));
}

void files_make(struct context *c, const char *path, const char *why_text)
{
	autofree char *owner = compile_owner(c, c->host->uid);
	autofree char *above = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	if (owner && above[0])
		plan_add(c->plan, STEP_HOST_MKDIR, why_text, above, NULL, 0700, 0);
	plan_add(c->plan, STEP_HOST_MKDIR, why_text, path, owner, 0700, 0);
}

/* Made as root for nobody at one time, it can't be root's at another, nor the other way. */
static int private_home(struct context *c, const char *path, const char *text, struct err *e)
{
	struct node node;

	c->host->look(c->host, path, &node);
	if (node.type == NODE_FOLDER && node.uid != c->payload_uid) {
		(void)refuse(c, SET_filesystem_home, NULL, e,
			     "'%s' belongs to user %u, and the command would be user %u", path, node.uid,
			     c->payload_uid);
		return err_hint(e, "give it to that user by chown -R, or set process.user");
	}
	files_make(c, path, text);
	return 0;
}

static int home(struct context *c, struct err *e)
{
	char buf[WHY_SIZE];
	const char *text = why(c, SET_filesystem_home, buf);
	unsigned layer = policy_value(c->policy, SET_filesystem_home)->layer;
	struct view_entry *entry;

	if (policy_is(c->policy, SET_filesystem_home, "empty")) {
		if (c->host->image)
			return 0; /* the image has one, or none */
		scratch(c, c->inner_home, 0700, text);
		return 0;
	}
	if (!c->host->home || !c->host->data)
		return refuse(c, SET_filesystem_home, NULL, e, "the caller has no home");
	if (policy_is(c->policy, SET_filesystem_home, "overlay"))
		return compile_home_overlay(c, text, e);
	if (policy_is(c->policy, SET_filesystem_home, "private")) {
		autofree char *named = xasprintf("%s/sbx/homes/%s", c->host->data, c->policy->name);
		autofree char *path = files_through_home(c, named);

		if (private_home(c, path, text, e) < 0)
			return -e->code;
		entry = view_add(c, VIEW_READ_WRITE, c->inner_home, path, layer, text);
		entry->type = NODE_FOLDER;
	} else {
		autofree char *real = NULL;
		int r = host_resolve(c->host, c->host->home, &real, NULL, e);

		if (r < 0)
			return err_prefix(e, "%s: filesystem.home", text);
		view_add(c, VIEW_READ_WRITE, c->inner_home, real, layer, text);
	}
	c->host_writable = true;
	return 0;
}

static bool missing_is_fine(const struct value *value, const struct err *e)
{
	return value->optional && (e->code == ENOENT || e->code == ENOTDIR);
}

int files_show(struct context *c, enum view_kind kind, enum setting_id id, const struct value *value,
	       const char *source, const char *target, struct err *e)
{
	autofree char *real = NULL;
	char buf[WHY_SIZE];
	struct view_entry *entry;
	struct node node;
	int r = host_resolve(c->host, source, &real, &node, e);

	if (r < 0) {
		if (missing_is_fine(value, e)) {
			err_clear(e);
			return 0;
		}
		(void)refuse(c, id, value, e, "'%s' does not exist", source);
		return err_hint(e, "write -%s to skip it where it does not exist", source);
	}
	if (path_below(real, "/proc")) {
		(void)refuse(c, id, value, e, "'%s' is of the host's /proc, which is never shown", source);
		return err_hint(e, "the sandbox has a /proc of its own");
	}
	entry = view_add(c, kind, target, real, value->layer, origin_text(value->origin, buf, sizeof buf));
	entry->type = node.type;
	entry->rdev = node.rdev;
	if (kind == VIEW_READ_WRITE)
		c->host_writable = true;
	return 0;
}

/* A profile that shows the folder it is started in has not meant the home with all that is in it, nor the whole host.
 */
static int refuse_wide(const struct context *c, enum setting_id id, const struct value *value, struct err *e)
{
	(void)refuse(c, id, value, e, "${CWD} is '%s' here, which is too much to show", value->text);
	return err_hint(
		e, "start it in a folder of its own, or name what it may have: --rw=PATH, with --set=filesystem.%s=",
		settings[id].key);
}

static int rules(struct context *c, enum setting_id id, enum view_kind kind, struct err *e)
{
	const struct entry *list = &c->policy->entry[id];

	for (size_t i = 0; i < list->count; i++) {
		const struct value *value = &list->v[i];
		int r = 0;

		if (value->is_cwd && compile_is_too_wide(c, value->text))
			return refuse_wide(c, id, value, e);
		r = files_show(c, kind, id, value, value->text, value->target ? value->target : value->text, e);

		if (r < 0)
			return r;
	}
	return 0;
}

static void simple_rules(struct context *c)
{
	static const enum setting_id ids[] = {SET_filesystem_tmpfs, SET_filesystem_hide, SET_filesystem_no_exec,
					      SET_filesystem_exec};

	for (size_t k = 0; k < countof(ids); k++) {
		const struct entry *list = &c->policy->entry[ids[k]];

		for (size_t i = 0; i < list->count; i++) {
			const struct value *value = &list->v[i];
			char buf[WHY_SIZE];
			const char *text = origin_text(value->origin, buf, sizeof buf);

			if (ids[k] == SET_filesystem_tmpfs)
				view_add(c, VIEW_SCRATCH, value->text, NULL, value->layer, text);
			else if (ids[k] == SET_filesystem_hide)
				view_add(c, VIEW_HIDE, value->text, NULL, value->layer, text);
			else
				view_exec(c, value->text, ids[k] == SET_filesystem_no_exec, value->layer, text);
		}
	}
}

int compile_files(struct context *c, struct err *e)
{
	char buf[WHY_SIZE];
	const char *text = why(c, SET_filesystem_view, buf);
	int r;

	if (c->host->image)
		compile_image(c);
	else if (policy_is(c->policy, SET_filesystem_view, "host"))
		base_host(c, text);
	else if (policy_is(c->policy, SET_filesystem_view, "system"))
		base_system(c, text);
	else
		base_private(c, text);
	if (policy_is(c->policy, SET_filesystem_view, "system") && !c->host->image) {
		r = compile_etc(c, e);
		if (r < 0)
			return r;
	}
	r = home(c, e);
	if (r == 0)
		r = rules(c, SET_filesystem_read_only, VIEW_READ_ONLY, e);
	if (r == 0)
		r = rules(c, SET_filesystem_read_write, VIEW_READ_WRITE, e);
	if (r == 0)
		r = compile_overlays(c, e);
	if (r == 0)
		r = compile_persist(c, e);
	if (r == 0)
		r = compile_grants(c, e);
	if (r < 0)
		return r;
	simple_rules(c);
	r = compile_persist_files(c, e);
	if (r == 0)
		r = compile_open_arguments(c, e);
	return r < 0 ? r : compile_working_directory(c, e);
}
