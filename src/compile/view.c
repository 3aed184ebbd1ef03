/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compile/view.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"

enum { LINKS_MAX = 40 };

bool view_is_mount(enum view_kind kind)
{
	return kind >= VIEW_PROC;
}

bool view_is_bind(enum view_kind kind)
{
	return kind == VIEW_READ_ONLY || kind == VIEW_READ_WRITE || kind == VIEW_OVERLAY;
}

struct view_entry *view_find(const struct view *view, const char *path)
{
	for (size_t i = 0; i < view->count; i++)
		if (str_eq(view->entry[i].target, path))
			return &view->entry[i];
	return NULL;
}

static void entry_done(struct view_entry *entry)
{
	free(entry->target);
	free(entry->source);
	free(entry->data);
	free(entry->why);
}

static bool wins(const struct view_entry *old, enum view_kind kind, unsigned layer)
{
	if ((old->kind == VIEW_HIDE) != (kind == VIEW_HIDE))
		return kind == VIEW_HIDE;
	if (old->layer != layer)
		return layer > old->layer;
	return kind >= old->kind;
}

struct view_entry *view_add(struct context *c, enum view_kind kind, const char *target, const char *source,
			    unsigned layer, const char *why)
{
	static struct view_entry lost; /* what a losing rule writes to: nothing reads it */
	struct view *view = c->view;
	struct view_entry *entry = view_find(view, target);

	if (entry && !wins(entry, kind, layer)) {
		lost = (struct view_entry){0};
		return &lost;
	}
	if (entry) {
		entry_done(entry);
	} else {
		view->entry = xgrow(view->entry, view->count, &view->cap, sizeof *view->entry);
		entry = &view->entry[view->count++];
	}
	*entry = (struct view_entry){
		.target = xstrdup(target),
		.source = source ? xstrdup(source) : NULL,
		.kind = kind,
		.layer = layer,
		.mode = 0755,
		.why = xstrdup(why),
		.order = (unsigned)view->count,
		.type = NODE_FOLDER,
	};
	return entry;
}

void view_exec(struct context *c, const char *path, bool no_exec, unsigned layer, const char *why)
{
	struct view *view = c->view;

	view->exec = xgrow(view->exec, view->exec_count, &view->exec_cap, sizeof *view->exec);
	view->exec[view->exec_count++] =
		(struct exec_rule){.path = xstrdup(path), .no_exec = no_exec, .layer = layer, .why = xstrdup(why)};
}

static bool is_any(enum view_kind kind)
{
	(void)kind;
	return true;
}

static const struct view_entry *nearest(const struct view *view, const char *path, const struct view_entry *except,
					bool (*is)(enum view_kind))
{
	const struct view_entry *best = NULL;
	size_t len = 0;

	for (size_t i = 0; i < view->count; i++) {
		const struct view_entry *entry = &view->entry[i];

		if (entry == except || !is(entry->kind) || !path_below(path, entry->target) ||
		    (best && strlen(entry->target) <= len))
			continue;
		best = entry;
		len = strlen(entry->target);
	}
	return best;
}

const struct view_entry *view_above(const struct view *view, const char *path, const struct view_entry *except)
{
	return nearest(view, path, except, is_any);
}

const struct view_entry *view_mount_above(const struct view *view, const char *path, const struct view_entry *except)
{
	return nearest(view, path, except, view_is_mount);
}

const struct view_entry *view_bind_above(const struct view *view, const char *path, const struct view_entry *except)
{
	return nearest(view, path, except, view_is_bind);
}

char *view_behind(const struct view_entry *mount, const char *path)
{
	const char *rest = path + (mount->target[1] ? strlen(mount->target) : 0);

	return xasprintf("%s%s", mount->source && mount->source[1] ? mount->source : "", rest);
}

char *view_before(const struct view_entry *bind, const char *real)
{
	const char *rest = real + (bind->source[1] ? strlen(bind->source) : 0);

	return xasprintf("%s%s", bind->target[1] ? bind->target : "", rest);
}

static bool is_bind(const struct view_entry *entry)
{
	return entry && view_is_bind(entry->kind);
}

bool view_shows_host(const struct view *view, const char *path, const char *real, enum view_kind least)
{
	const struct view_entry *above = view_above(view, path, NULL);
	autofree char *host = is_bind(above) && above->kind >= least ? view_behind(above, path) : NULL;

	return host && str_eq(host, real);
}

/* What one path is, links not followed. */
static void look(const struct context *c, const char *path, const struct view_entry *except, struct node *ret)
{
	const struct view_entry *above = view_above(c->view, path, except);
	autofree char *host = NULL;

	ret->type = NODE_NONE;
	if (!above || above->kind == VIEW_HIDE)
		return;
	if (is_bind(above)) {
		host = view_behind(above, path);
		c->host->look(c->host, host, ret);
		return;
	}
	if (!str_eq(above->target, path))
		return;
	ret->type = above->kind == VIEW_FILE || above->kind == VIEW_DEVICE ? NODE_FILE
		    : above->kind == VIEW_LINK                             ? NODE_LINK
		    : above->kind == VIEW_IMAGE                            ? above->type
									   : NODE_FOLDER;
	if (above->kind == VIEW_LINK && strlen(above->source) < sizeof ret->link)
		memcpy(ret->link, above->source, strlen(above->source) + 1);
}

/* Folders that will be made because something lies below them. */
static bool implied(const struct view *view, const char *path, const struct view_entry *except)
{
	for (size_t i = 0; i < view->count; i++)
		if (&view->entry[i] != except && view->entry[i].kind != VIEW_HIDE &&
		    path_below(view->entry[i].target, path))
			return true;
	return false;
}

bool view_shows(const struct context *c, const char *path, enum node_type *ret)
{
	struct node node;

	look(c, path, NULL, &node);
	if (node.type == NODE_NONE && implied(c->view, path, NULL))
		node.type = NODE_FOLDER;
	*ret = node.type;
	return node.type != NODE_NONE;
}

static int follow(char **rest, const char *link, const char *p, struct str *done, int *links, struct err *e)
{
	char *joined;

	if (++*links > LINKS_MAX)
		return err_errno(e, ELOOP, "'%s'", done->s);
	joined = xasprintf("%s/%s", link, p);
	if (link[0] == '/') {
		done->len = 0;
	} else {
		while (done->len && done->s[done->len - 1] != '/')
			done->len--;
		done->len -= done->len > 0;
	}
	done->s[done->len] = '\0';
	free(*rest);
	*rest = joined;
	return 0;
}

/* Where a target really is: every link on the way, of the view or of a bind, is followed in view space. The last name
 * may be a link only if nothing else was declared there. Owned by the caller. */
static int locate(const struct context *c, const struct view_entry *self, char **ret, struct err *e)
{
	autostr struct str done = {0};
	autofree char *rest = xstrdup(self->target);
	int links = 0;

	str_add(&done, "");
	for (char *p = rest;;) {
		struct node node;
		size_t len;

		p += strspn(p, "/");
		if (!*p)
			break;
		len = strcspn(p, "/");
		if (len == 1 && *p == '.') {
			p++;
			continue;
		}
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			while (done.len && done.s[done.len - 1] != '/')
				done.len--;
			done.len -= done.len > 0;
			done.s[done.len] = '\0';
			p += 2;
			continue;
		}
		str_add(&done, "/");
		str_add_bytes(&done, p, len);
		p += len;
		if (done.len >= PATH_MAX)
			return err_errno(e, ENAMETOOLONG, "'%s'", self->target);
		look(c, done.s, self, &node);
		if (node.type == NODE_LINK) {
			int r = follow(&rest, node.link, p, &done, &links, e);

			if (r < 0)
				return r;
			p = rest;
		}
	}
	*ret = xstrdup(done.len ? done.s : "/");
	return 0;
}

static int locate_all(struct context *c, struct err *e)
{
	struct view *view = c->view;

	for (size_t i = 0; i < view->count; i++) {
		struct view_entry *entry = &view->entry[i], *there;
		char *target = NULL;
		int r;

		if (!view_is_mount(entry->kind))
			continue;
		r = locate(c, entry, &target, e);
		if (r < 0)
			return err_prefix(e, "%s", entry->why);
		there = view_find(view, target);
		if (there && there != entry && !wins(there, entry->kind, entry->layer)) {
			free(target);
			entry_done(entry);
			*entry = view->entry[--view->count];
			i--;
			continue;
		}
		free(entry->target);
		entry->target = target;
		if (there && there != entry) {
			entry_done(there);
			*there = view->entry[--view->count];
		}
	}
	return 0;
}

/* A no-exec or exec rule for a path that is no mount of its own makes one. A rule that could not hold is refused. */
static int add_exec_mount(struct context *c, const struct exec_rule *rule, struct err *e)
{
	const struct view_entry *above = view_above(c->view, rule->path, NULL);
	bool exact = above && str_eq(above->target, rule->path);
	autofree char *source = NULL;
	struct view_entry *entry;
	struct node node;

	if (exact && above->kind == VIEW_LINK)
		return err_set(e, EINVAL, "%s: '%s' is a link: name '%s' instead", rule->why, rule->path,
			       above->source);
	if (above && above->kind == VIEW_IMAGE)
		return err_set(e, EINVAL, "%s: '%s' is of the image, of which nothing can be made executable or not",
			       rule->why, rule->path);
	if (exact)
		return 0;
	if (above && above->kind == VIEW_OVERLAY)
		return err_set(e, EINVAL, "%s: '%s' is in the overlay '%s', which can be executed as a whole or not",
			       rule->why, rule->path, above->target);
	if (above && above->kind == VIEW_SCRATCH) {
		(void)view_add(c, VIEW_SCRATCH, rule->path, NULL, rule->layer, rule->why);
		return 0;
	}
	if (!is_bind(above) && implied(c->view, rule->path, NULL))
		return 0; /* it counts for what is shown below */
	if (!is_bind(above))
		return err_set(e, ENOENT, "%s: nothing is shown at '%s' that could be executed", rule->why, rule->path);
	source = view_behind(above, rule->path);
	c->host->look(c->host, source, &node);
	if (node.type == NODE_NONE || node.type == NODE_LINK)
		return err_set(e, ENOENT, "%s: '%s' does not exist, or is a link", rule->why, rule->path);
	entry = view_add(c, above->kind, rule->path, source, rule->layer, rule->why);
	entry->type = node.type;
	return 0;
}

static void apply_exec(struct view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		const struct exec_rule *best = NULL;

		for (size_t j = 0; j < view->exec_count; j++) {
			const struct exec_rule *rule = &view->exec[j];

			if (!path_below(view->entry[i].target, rule->path))
				continue;
			if (!best || strlen(rule->path) > strlen(best->path) ||
			    (str_eq(rule->path, best->path) && rule->layer >= best->layer))
				best = rule;
		}
		if (best)
			view->entry[i].no_exec = best->no_exec;
	}
}

/* '/' sorts before every other byte, so that what is below a folder follows it directly. */
static int by_path(const void *a, const void *b)
{
	const unsigned char *p = (const void *)((const struct view_entry *)a)->target;
	const unsigned char *q = (const void *)((const struct view_entry *)b)->target;

	while (*p && *p == *q) {
		p++;
		q++;
	}
	return (*p == '/' ? 1 : *p) - (*q == '/' ? 1 : *q);
}

int view_finish(struct context *c, struct err *e)
{
	int r = locate_all(c, e);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < c->view->exec_count; i++)
		r = add_exec_mount(c, &c->view->exec[i], e);
	if (r < 0)
		return r;
	if (!c->bare)
		view_pin(c);
	apply_exec(c->view);
	qsort(c->view->entry, c->view->count, sizeof *c->view->entry, by_path);
	return 0;
}

void view_done(struct view *view)
{
	for (size_t i = 0; i < view->count; i++)
		entry_done(&view->entry[i]);
	for (size_t i = 0; i < view->exec_count; i++) {
		free(view->exec[i].path);
		free(view->exec[i].why);
	}
	free(view->entry);
	free(view->exec);
	*view = (struct view){0};
}
