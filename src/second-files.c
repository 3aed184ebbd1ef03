/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/sys.h"
#include "compile/compile.h"
#include "granting.h"
#include "second.h"

enum { MAX_NAMES = 256 };

struct showing {
	const struct planned *planned;
	const struct live_entry *entry;
};

static const struct step *shown_at(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_BIND && str_eq(plan_text(plan, plan->step[i].b), path))
			return &plan->step[i];
	return NULL;
}

/* One that is kept has a copy in its place, in a first start. */
static const struct step *kept_at(const struct planned *planned, const char *path)
{
	const struct plan *plan = &planned->plan;
	autofree char *real = host_real(&planned->host, path);

	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_KEEP && str_eq(plan_text(plan, plan->step[i].a), real))
			return &plan->step[i];
	return NULL;
}

static bool is_still(const struct live_grant *grant)
{
	struct stat st;

	return lstat(grant->path, &st) == 0 && st.st_dev == grant->device && st.st_ino == grant->inode;
}

/* Where the same file is granted already. One that has taken its name since is another: the old is taken back. */
static int find_granted(const struct granting *g, char **ret_at, struct err *e)
{
	struct live_changes changes = LIVE_CHANGES_NONE;
	int r = live_changes_read(g->host->live, g->entry, &changes, e);

	for (size_t i = 0; r == 0 && !*ret_at && i < changes.grants; i++) {
		const struct live_grant *grant = &changes.grant[i];
		struct granting old = *g;
		const char *stays;

		if (!str_eq(grant->path, g->path) || grant->write != g->write)
			continue;
		if (is_still(grant)) {
			*ret_at = xstrdup(grant->at);
			break;
		}
		old.path = grant->at;
		r = revoke_path(&old, &stays, e);
	}
	live_changes_done(&changes);
	return r;
}

/* By its own name, or in a folder with a number where something else has that. */
static int grant(struct granting *g, char **ret_at, struct err *e)
{
	const char *name = strrchr(g->path, '/') + 1;
	int r = find_granted(g, ret_at, e);

	if (r < 0 || *ret_at)
		return r;
	for (int i = 1; i <= MAX_NAMES; i++) {
		autofree char *at =
			i == 1 ? xasprintf("/run/granted/%s", name) : xasprintf("/run/granted/%d/%s", i, name);

		err_clear(e);
		g->at = at;
		r = grant_path(g, ret_at, e);
		if (r != -EEXIST && r != -ENOTDIR)
			break;
	}
	return r;
}

static int show(const struct showing *s, const char *word, const struct step *step, struct strv *ret, struct err *e)
{
	struct granting g = {.host = &s->planned->host,
			     .variables = &s->planned->variables,
			     .entry = s->entry,
			     .path = plan_text(&s->planned->plan, step->a),
			     .write = step->kind == STEP_KEEP || !(step->n & ATTR_RDONLY)};
	autofree char *at = NULL;
	int r = grant(&g, &at, e);

	if (r < 0)
		return err_prefix(e, "show it '%s'", g.path);
	strv_take(ret, compile_argument_is_uri(word) ? compile_argument_uri(at) : xstrdup(at));
	return 0;
}

int second_words(const struct planned *planned, const struct live_entry *entry, const struct plan *bare,
		 struct strv *ret, struct err *e)
{
	const struct showing s = {planned, entry};
	char *const *command = planned->request.command;
	int r = 0;

	strv_add(ret, command[0]);
	for (size_t i = 1; r == 0 && command[i]; i++) {
		autofree char *path = compile_argument_path(&planned->host, command[i]);
		const struct step *step = path && !shown_at(bare, path) ? shown_at(&planned->plan, path) : NULL;

		if (path && !step)
			step = kept_at(planned, path);
		if (step)
			r = show(&s, command[i], step, ret, e);
		else
			strv_add(ret, command[i]);
	}
	return r;
}
