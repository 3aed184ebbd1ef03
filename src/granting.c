/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "granting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "compile/compile.h"
#include "compile/files.h"
#include "planned.h"
#include "policy/expand.h"
#include "run/grant.h"
#include "run/join.h"
#include "run/prepare.h"

enum { MAX_GRANTS = 256, EXECUTE = 1 /* LANDLOCK_ACCESS_FS_EXECUTE */ };

/* What one grant is made of, from the words to the mount. */
struct work {
	const struct granting *g;
	struct policy policy; /* with the one rule */
	struct plan view;     /* what it shows */
	struct plan plan;     /* of the sandbox */
	char *source, *target;
	bool folder;
	int init; /* pidfd */
	struct live_changes changes;
};

static void work_done(struct work *w)
{
	policy_done(&w->policy);
	plan_done(&w->view);
	plan_done(&w->plan);
	live_changes_done(&w->changes);
	mem_close_ptr(&w->init);
	free(w->source);
	free(w->target);
}

int plan_of_live(const char *folder, const struct live_entry *entry, struct plan *ret, struct err *e)
{
	autostr struct str bytes = {0};
	int r = live_plan(folder, entry, &bytes, e);

	if (r == 0)
		r = plan_decode(&bytes, ret, e);
	return r < 0 ? r : plan_verify(ret, e);
}

static int open_sandbox(struct work *w, struct err *e)
{
	const struct granting *g = w->g;
	int r;

	w->init = live_open_init(g->host->live, g->entry, e);
	r = w->init < 0 ? w->init : plan_of_live(g->host->live, g->entry, &w->plan, e);
	if (r == 0)
		r = join_check(&w->plan, false, e);
	return r < 0 ? r : live_changes_begin(g->host->live, g->entry, &w->changes, e);
}

/* The program that runs may have made the link just now, to what is not meant. */
static int check_links(const struct granting *g, const char *source, struct err *e)
{
	autostrv struct strv links = {0};
	autofree char *real = NULL;

	host_links(g->host, source, &links);
	if (!links.count)
		return 0;
	real = host_real(g->host, source);
	(void)err_set(e, ELOOP, "'%s' is a symbolic link, which a sandbox may have made", links.v[0]);
	return err_hint(e, "if it is meant, give the path that it stands for: %s", real);
}

static int check_text(const char *path, struct err *e)
{
	autostr struct str text = {0};

	str_add(&text, path);
	return str_is_utf8(&text) ? 0 : err_set(e, EILSEQ, "'%s' is not UTF-8, in which the record of it is", path);
}

static int find_source(struct work *w, struct err *e)
{
	const struct granting *g = w->g;
	struct node node;
	int r = expand_path(g->path, g->variables, g->host->cwd, &w->source, e);

	if (r == 0)
		r = check_text(w->source, e);
	if (r == 0)
		r = check_links(g, w->source, e);
	if (r < 0)
		return r;
	g->host->look(g->host, w->source, &node);
	w->folder = node.type == NODE_FOLDER;
	return node.type != NODE_NONE ? 0 : err_set(e, ENOENT, "'%s' does not exist, or can't be seen", w->source);
}

static int find_target(struct work *w, struct err *e)
{
	const struct granting *g = w->g;
	int r = 0;

	if (g->at)
		r = expand_path(g->at, g->variables, NULL, &w->target, e);
	else if (!w->source[1])
		r = err_set(e, EINVAL, "'/' has no last name: say where it is to be seen, by --at=PATH");
	else
		w->target = xasprintf(GRANTS_PATH "%s", strrchr(w->source, '/'));
	if (r == 0)
		r = check_text(w->target, e);
	if (r == 0 && (!w->target[1] || path_below(w->target, "/proc")))
		r = err_set(e, EINVAL, "'%s' is the sandbox's own: nothing can take its place", w->target);
	for (size_t i = 0; r == 0 && i < w->changes.grants; i++)
		if (path_below(w->changes.grant[i].at, w->target) || path_below(w->target, w->changes.grant[i].at)) {
			(void)err_set(e, EEXIST, "'%s' is seen at '%s' already", w->changes.grant[i].path,
				      w->changes.grant[i].at);
			r = err_hint(e, "--at=" GRANTS_PATH "/NAME gives it another name; sbxctl revoke takes it away");
		}
	return r;
}

/* SOURCE:TARGET, as one would write it. */
static char *rule_of(const struct work *w)
{
	const char *const parts[] = {w->source, ":", w->target};
	autostr struct str rule = {0};

	for (size_t i = 0; i < countof(parts); i++)
		for (const char *p = parts[i]; *p; p++) {
			if (*p == ':' && i != 1)
				str_add(&rule, "\\");
			str_add_bytes(&rule, p, 1);
		}
	return take(rule.s);
}

static int set(struct work *w, enum setting_id id, const char *text, struct err *e)
{
	return policy_set(&w->policy, id, text, (struct origin){"grant", 0}, w->g->variables, e);
}

static int make_policy(struct work *w, struct err *e)
{
	enum setting_id id = w->g->write ? SET_filesystem_read_write : SET_filesystem_read_only;
	const struct entry *rules = &w->policy.entry[id];
	autofree char *rule = rule_of(w);
	int r = policy_defaults(&w->policy, w->g->variables, e);

	w->policy.layer++;
	planned_protect(&w->policy, w->g->host);
	if (r == 0)
		r = set(w, SET_filesystem_view, "empty", e);
	if (r == 0)
		r = set(w, SET_filesystem_working_directory, "/", e);
	if (r == 0) /* the sandbox's own plan is asked for it */
		r = set(w, SET_profile_best_effort, "landlock", e);
	if (r == 0)
		r = set(w, id, rule, e);
	if (r == 0 && (rules->count != 1 || !str_eq(rules->v[0].text, w->source) || !rules->v[0].target ||
		       !str_eq(rules->v[0].target, w->target)))
		r = err_set(e, EINVAL, "'%s' can't be written as a rule of a profile", w->source);
	return r;
}

/* What the compiler says of the rule. What it would show weaker than asked is refused. */
static int make_view(struct work *w, struct err *e)
{
	char command[] = "true", *const argv[] = {command, NULL};
	int r = make_policy(w, e);

	if (r == 0)
		r = compile_plan(&w->policy, w->g->host, argv, &w->view, e);
	if (r == 0)
		r = plan_verify(&w->view, e);
	for (size_t i = 0; r == 0 && i < w->view.count; i++) {
		const struct step *step = &w->view.step[i];

		if (step->kind != STEP_BIND || !str_eq(plan_text(&w->view, step->b), w->target))
			continue;
		if (w->g->write && (step->n & ATTR_RDONLY))
			return err_set(e, EPERM, "'%s' is never writable in a sandbox: %s", w->source,
				       plan_text(&w->view, step->why));
		if (!str_eq(plan_text(&w->view, step->a), w->source)) /* a link came since it was looked for */
			return err_set(e, ELOOP, "'%s' is another path now: '%s'", w->source,
				       plan_text(&w->view, step->a));
		return 0;
	}
	return r < 0 ? r : err_set(e, EPERM, "'%s' is never shown in a sandbox", w->source);
}

/* LANDLOCK_ACCESS_FS_* that the rules of a plan give at a path; all: it has none. */
static uint64_t rights_at(const struct plan *plan, const char *path)
{
	const struct step *domain = plan_find(plan, STEP_LANDLOCK);
	uint64_t rights = domain ? ~domain->n : UINT64_MAX;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_LANDLOCK_PATH && path_below(path, plan_text(plan, plan->step[i].a)))
			rights |= plan->step[i].n;
	return rights;
}

/* Was it started with filesystem.grants? */
static bool has_folder(const struct work *w)
{
	for (size_t i = 0; i < w->plan.count; i++) {
		const struct step *step = &w->plan.step[i];

		if (step->kind == STEP_SCRATCH_DIR && str_eq(plan_text(&w->plan, step->a), GRANTS_PATH))
			return step->m & ATTR_RDONLY;
	}
	return false;
}

/* Its filter was made to keep programs from leaving set-user-id files on the host, or not; and limits.disk could count
 * on it that they write to memory only. */
static int check_write(const struct work *w, struct err *e)
{
	if (!w->g->write || has_folder(w))
		return 0;
	(void)err_set(e, EPERM,
		      "--write: it was started without filesystem.grants, and was made to write nowhere else");
	return err_hint(e, "start it with --set=filesystem.grants=yes");
}

/* A domain can't be widened. What can't be executed there is what the profile says of that place. */
static int check_landlock(const struct work *w, struct err *e)
{
	const struct step *domain = plan_find(&w->view, STEP_LANDLOCK);
	uint64_t needed = domain ? domain->n & rights_at(&w->view, w->target) & ~(uint64_t)EXECUTE : 0;

	if (!(needed & ~rights_at(&w->plan, w->target)))
		return 0;
	(void)err_set(e, EPERM, "its Landlock rules were made when it started, and do not let its programs %s '%s'",
		      w->g->write ? "write in" : "read", w->target);
	return has_folder(w)
		       ? err_hint(e, "in " GRANTS_PATH " they do")
		       : err_hint(e, "start it with --set=filesystem.grants=yes: they let it use " GRANTS_PATH " then");
}

static struct grant grant_of(const struct work *w, const char *target)
{
	return (struct grant){.plan = &w->plan,
			      .init = w->init,
			      .init_pid = w->g->entry->init,
			      .own = has_folder(w) ? GRANTS_PATH : NULL,
			      .target = target,
			      .folder = w->folder};
}

/* Written before, so that nothing is granted that no record tells of, and taken back if it fails. */
static int mount_it(struct work *w, struct err *e)
{
	struct grant grant = grant_of(w, w->target);
	struct live_grant *told;
	autoclose int mount = -1;
	struct err none = {0};
	struct stat st;
	int r;

	mount = grant_take(&w->view, w->target, &grant.id, e);
	if (mount < 0)
		return mount;
	if (fstat(mount, &st) < 0)
		return err_errno(e, errno, "look at '%s'", w->source);
	told = live_changes_add(&w->changes, w->source, w->target);
	told->mount = grant.id;
	told->device = st.st_dev;
	told->inode = st.st_ino;
	told->write = w->g->write;
	told->folder = w->folder;
	r = live_changes_write(&w->changes, w->g->entry, e);
	if (r < 0)
		return r;
	r = grant_mount(&grant, mount, e);
	if (r < 0) {
		live_changes_remove(&w->changes, w->changes.grants - 1);
		(void)live_changes_write(&w->changes, w->g->entry, &none); /* the first error is the one to tell */
	}
	return r;
}

int grant_path(const struct granting *granting, char **ret_at, struct err *e)
{
	struct work w = {.g = granting, .init = -1, .changes = LIVE_CHANGES_NONE};
	int r = open_sandbox(&w, e);

	if (r == 0)
		r = check_write(&w, e);
	if (r == 0 && w.changes.grants >= MAX_GRANTS)
		r = err_set(e, E2BIG, "it has %d grants, which is the most", MAX_GRANTS);
	if (r == 0)
		r = find_source(&w, e);
	if (r == 0)
		r = find_target(&w, e);
	if (r == 0)
		r = make_view(&w, e);
	if (r == 0)
		r = check_landlock(&w, e);
	if (r == 0)
		r = prepare_host(&w.view, e);
	if (r == 0)
		r = mount_it(&w, e);
	live_changes_check(&w.changes, granting->entry, w.init);
	if (r == 0)
		*ret_at = take(w.target);
	work_done(&w);
	return r;
}

static const struct live_grant *find(const struct work *w, const char *path, struct err *e)
{
	const struct live_changes *changes = &w->changes;
	const struct live_grant *found = NULL;

	for (size_t i = 0; i < changes->grants; i++) {
		const struct live_grant *grant = &changes->grant[i];

		if (str_eq(grant->at, path))
			return grant;
		if (!str_eq(grant->path, path))
			continue;
		if (found) {
			(void)err_set(e, EINVAL, "'%s' is granted more than once", path);
			(void)err_hint(e, "name the place: %s or %s", found->at, grant->at);
			return NULL;
		}
		found = grant;
	}
	if (!found) {
		(void)err_set(e, ENOENT, "'%s' is not granted to it", path);
		(void)err_hint(e, "sbxctl inspect %s shows what is", w->g->entry->name);
	}
	return found;
}

static int unmount_it(struct work *w, struct err *e)
{
	const struct live_grant *told = find(w, w->source, e);
	struct grant grant;
	int r;

	if (!told)
		return -e->code;
	w->folder = told->folder;
	grant = grant_of(w, told->at);
	grant.id = told->mount;
	r = grant_unmount(&grant, e); /* not there: whoever granted it was ended before it was */
	if (r < 0)
		return r;
	live_changes_remove(&w->changes, (size_t)(told - w->changes.grant));
	return live_changes_write(&w->changes, w->g->entry, e);
}

/* Below what is unmounted a Landlock domain has no rule any more, so that nothing can be opened by way of an open
 * folder. Without a filter the program may have a mount namespace of its own, with all the mounts of before. */
static const char *what_stays(const struct plan *plan)
{
	if (plan_find(plan, STEP_INNER_LIMIT)->n && !plan_find(plan, STEP_FILTER))
		return "what is open stays open, and mount namespaces of the program's own keep it";
	return plan_find(plan, STEP_LANDLOCK) ? "files that are open stay open"
					      : "files and folders that are open stay open, with all that is below";
}

int revoke_path(const struct granting *granting, const char **ret_stays, struct err *e)
{
	struct work w = {.g = granting, .init = -1, .changes = LIVE_CHANGES_NONE};
	int r = open_sandbox(&w, e);

	if (r == 0)
		r = expand_path(granting->path, granting->variables, granting->host->cwd, &w.source, e);
	if (r == 0)
		r = unmount_it(&w, e);
	if (r == 0)
		*ret_stays = what_stays(&w.plan);
	live_changes_check(&w.changes, granting->entry, w.init);
	work_done(&w);
	return r;
}
