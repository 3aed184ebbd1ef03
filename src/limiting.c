/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "limiting.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "compile/compile.h"
#include "compile/limits.h"
#include "granting.h"
#include "host/cgroup-path.h"
#include "policy/check.h"
#include "run/cgroup-files.h"

enum { MAX_FILES = 16, TEXT = 1 << 18 };

/* One file that is written, and what was in it. */
struct change {
	const char *file, *value, *key; /* of the plan of the limits */
	int folder;                     /* borrowed */
	char before[4096];
};

struct work {
	const struct limiting *l;
	struct plan plan;   /* of the sandbox */
	struct plan wanted; /* of the limits */
	struct policy policy;
	struct host host; /* borrows from the caller's */
	struct strv keys;
	int init;                   /* pidfd */
	int folder[CG_CONTROLLERS]; /* of the sandbox's groups; -1 */
	struct change change[MAX_FILES];
	size_t changes;
	struct live_changes told;
};

static void work_done(struct work *w)
{
	plan_done(&w->plan);
	plan_done(&w->wanted);
	policy_done(&w->policy);
	strv_done(&w->keys);
	mem_close_ptr(&w->init);
	for (size_t i = 0; i < countof(w->folder); i++)
		mem_close_ptr(&w->folder[i]);
	live_changes_done(&w->told);
}

/* --- what the sandbox has --- */

static const char *const names_v1[CG_CONTROLLERS] = {"memory", "pids", "cpu", "cpuacct", "cpuset", "blkio"};

/* What a step of the plan wrote to a file of a group; NULL: nothing. */
static const char *written(const struct plan *plan, const char *file)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_CGROUP_SET && str_eq(plan_text(plan, plan->step[i].a), file))
			return plan_text(plan, plan->step[i].b);
	return NULL;
}

static char *text_of(const char *path)
{
	char *text = xmalloc(TEXT);

	if (fd_read_file(AT_FDCWD, path, text, TEXT) < 0)
		*text = '\0';
	return text;
}

/* The group of that controller in which the kernel has init, if it is one that the sandbox's sbx has made. */
static int open_group(const struct work *w, const char *controller, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/cgroup", w->l->entry->init), *cgroups = text_of(path),
		      *mounts = text_of("/proc/self/mountinfo"),
		      *folder = cgroup_folder(cgroups, mounts, controller, NULL),
		      *name = xasprintf("sbx-%d-", w->l->entry->monitor);
	const char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (!slash || !str_starts(slash + 1, name))
		return err_set(e, ENOENT, "the %s cgroup of '%s' is not seen from here", controller ? controller : "v2",
			       w->l->entry->name);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_errno(e, errno, "open cgroup '%s'", folder) : fd;
}

/* As if the host had these groups, and the limits were to be put there. */
static int find_groups(struct work *w, struct err *e)
{
	const char *io = written(&w->plan, "io.max");

	memset(w->host.cgroup, 0, sizeof w->host.cgroup);
	w->host.swap_on = false;
	w->host.cwd = NULL;
	if (!io)
		io = written(&w->plan, "blkio.throttle.read_bps_device");
	if (!io)
		io = written(&w->plan, "blkio.throttle.write_bps_device");
	(void)snprintf(w->host.io_disk, sizeof w->host.io_disk, "%.*s", io ? (int)strcspn(io, " ") : 0, io ? io : "");
	for (size_t i = 0; i < w->plan.count; i++) {
		const struct step *step = &w->plan.step[i];
		bool v2 = !str_eq(plan_text(&w->plan, step->b), "1");

		for (size_t c = 0; step->kind == STEP_CGROUP && c < CG_CONTROLLERS; c++) {
			if (!(step->n & UINT64_C(1) << c) || w->folder[c] >= 0)
				continue;
			w->folder[c] = open_group(w, v2 ? NULL : names_v1[c], e);
			if (w->folder[c] < 0)
				return -e->code;
			w->host.cgroup[c].kind = v2 ? CGROUP_V2 : CGROUP_V1;
			w->host.cgroup[c].folder = (char *)(uintptr_t)plan_text(&w->plan, step->a);
			w->host.cgroup[c].swap = written(&w->plan, "memory.swap.max") ||
						 written(&w->plan, "memory.memsw.limit_in_bytes");
		}
	}
	return 0;
}

/* --- what is wanted --- */

static int set(struct work *w, enum setting_id id, const char *text, const char *origin, struct err *e)
{
	return policy_set(&w->policy, id, text, (struct origin){origin, 0}, w->l->variables, e);
}

static int cannot(const char *key, struct err *e)
{
	(void)err_set(e, ENOTSUP, "limits.%s is kept by no cgroup: it stays as it is until the sandbox ends", key);
	return err_hint(e, "memory, swap, processes, cpu, cpus, io-read and io-write can be changed");
}

static int set_word(struct work *w, const char *word, struct err *e)
{
	const char *sign = strchr(word, '='), *begin = str_starts(word, "limits.") ? word + strlen("limits.") : word;
	autofree char *key = NULL;
	enum cgroup_controller controller;
	enum setting_id id;

	if (!sign || sign <= begin || !sign[1])
		return err_set(e, EINVAL, "'%s' is not KEY=VALUE", word);
	key = xstrndup(begin, (size_t)(sign - begin));
	id = setting_find("limits", key);
	if (id == SETTING_COUNT) {
		(void)err_set(e, EINVAL, "there is no limits.%s", key);
		return err_hint(e, "sbxctl profile keys");
	}
	if (!limits_controller(id, &controller))
		return cannot(key, e);
	if (w->folder[controller] < 0) {
		(void)err_set(e, ENOTSUP, "limits.%s: '%s' was started without such a limit in a cgroup", key,
			      w->l->entry->name);
		return err_hint(e, "start it with one, which can be changed then: --set=limits.%s=VALUE", key);
	}
	if (strv_has(&w->keys, key))
		return err_set(e, EINVAL, "limits.%s is given twice", key);
	strv_add(&w->keys, key);
	return set(w, id, sign + 1, w->keys.v[w->keys.count - 1], e);
}

static const char *changed_to(const struct work *w, const char *key)
{
	for (size_t i = 0; i < w->told.limits; i++)
		if (str_eq(w->told.limit[i].key, key))
			return w->told.limit[i].value;
	return NULL;
}

/* The files of v1 count both together, and a limit of swap needs one of memory: so of the two, what is not named stays
 * as it is. */
static int set_memory_now(struct work *w, struct err *e)
{
	const char *v1 = written(&w->plan, "memory.limit_in_bytes"),
		   *both = written(&w->plan, "memory.memsw.limit_in_bytes"),
		   *memory = v1 ? v1 : written(&w->plan, "memory.max"), *swap = written(&w->plan, "memory.swap.max");
	autofree char *rest = v1 && both ? xasprintf("%llu", strtoull(both, NULL, 10) - strtoull(v1, NULL, 10)) : NULL;
	int r = 0;

	if (!memory)
		return 0;
	if (changed_to(w, "memory"))
		memory = changed_to(w, "memory");
	swap = changed_to(w, "swap") ? changed_to(w, "swap") : swap ? swap : rest;
	r = set(w, SET_limits_memory, memory, "now", e);
	return r == 0 && swap ? set(w, SET_limits_swap, swap, "now", e) : r;
}

static bool is_of_memory(const char *word)
{
	if (str_starts(word, "limits."))
		word += strlen("limits.");
	return str_starts(word, "memory=") || str_starts(word, "swap=");
}

static int make_policy(struct work *w, struct err *e)
{
	struct errlist errors = {0};
	int r = policy_defaults(&w->policy, w->l->variables, e);

	w->policy.layer++;
	if (r == 0)
		r = set(w, SET_filesystem_view, "empty", "limit", e);
	if (r == 0)
		r = set(w, SET_filesystem_working_directory, "/", "limit", e);
	if (r == 0)
		r = set(w, SET_profile_best_effort, "landlock", "limit", e);
	for (size_t i = 0; r == 0 && i < w->l->count; i++)
		if (is_of_memory(w->l->words[i]) && !policy_value(&w->policy, SET_limits_memory))
			r = set_memory_now(w, e);
	w->policy.layer++;
	for (size_t i = 0; r == 0 && i < w->l->count; i++)
		r = set_word(w, w->l->words[i], e);
	if (r < 0)
		return r;
	policy_check(&w->policy, &errors);
	if (errors.count) {
		*e = errors.v[0];
		r = -e->code;
	}
	errlist_done(&errors);
	return r;
}

/* --- what is done --- */

/* The folder of the plan's group, by any of its controllers. */
static int folder_of(const struct work *w, uint64_t group)
{
	for (size_t i = 0; i < w->wanted.count; i++) {
		const struct step *step = &w->wanted.step[i];

		if (step->kind != STEP_CGROUP || group--)
			continue;
		for (size_t c = 0; c < CG_CONTROLLERS; c++)
			if (step->n & UINT64_C(1) << c)
				return w->folder[c];
	}
	return -1;
}

/* What files have to be written, and what is in them; each key must have come to something. */
static int find_changes(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->wanted.count; i++) {
		const struct step *step = &w->wanted.step[i];
		struct change *change = &w->change[w->changes];
		ssize_t n;

		if (step->kind != STEP_CGROUP_SET)
			continue;
		if (w->changes == MAX_FILES)
			return err_set(e, E2BIG, "more than %d files of cgroups", MAX_FILES);
		change->file = plan_text(&w->wanted, step->a);
		change->value = plan_text(&w->wanted, step->b);
		change->key = plan_text(&w->wanted, step->why);
		change->folder = folder_of(w, step->n);
		n = fd_read_file(change->folder, change->file, change->before, sizeof change->before);
		if (n < 0)
			return err_errno(e, (int)-n, "read '%s'", change->file);
		change->before[strcspn(change->before, "\n")] = '\0';
		w->changes++;
	}
	for (size_t k = 0; k < w->keys.count; k++) {
		bool found = false;

		for (size_t i = 0; i < w->changes; i++)
			found |= str_eq(w->change[i].key, w->keys.v[k]);
		if (!found)
			return err_set(e, ENOTSUP, "limits.%s: the sandbox's cgroup does not keep it", w->keys.v[k]);
	}
	return 0;
}

/* Of two files neither may be above the other at any time: which is to be first depends on the values. */
static int write_all(struct work *w, bool backward, struct err *e)
{
	for (size_t i = 0; i < w->changes; i++) {
		const struct change *change = &w->change[backward ? w->changes - 1 - i : i];

		if (cgroup_write(change->folder, change->file, change->value, e) < 0)
			return err_prefix(e, "limits.%s", change->key);
	}
	return 0;
}

static int restore(struct work *w)
{
	int r = 0;

	for (int round = 0; round < 2; round++) {
		r = 0;
		for (size_t i = w->changes; i-- > 0;)
			if (fd_write_file(w->change[i].folder, w->change[i].file, w->change[i].before) < 0)
				r = -1;
	}
	return r;
}

static int write_changes(struct work *w, struct err *e)
{
	struct err first = {0};
	struct pollfd ended = {.fd = w->init, .events = POLLIN};

	if (poll(&ended, 1, 0) != 0) /* then the groups that were found by its pid may be another's */
		return err_set(e, ESRCH, "'%s' has ended", w->l->entry->name);
	if (write_all(w, false, &first) == 0 || write_all(w, true, e) == 0)
		return 0;
	*e = first;
	if (restore(w) < 0)
		return err_hint(e, "not all could be put back as it was: sbxctl limit once more");
	return e->code == EBUSY ? err_hint(e, "its programs use more than that") : -e->code;
}

/* The last word of each. */
static void tell(struct work *w)
{
	for (size_t i = 0; i < w->l->count; i++) {
		const char *word = w->l->words[i], *sign = strchr(word, '=');
		autofree char *key = NULL;

		if (str_starts(word, "limits."))
			word += strlen("limits.");
		key = xstrndup(word, (size_t)(sign - word));
		live_changes_limit(&w->told, key, sign + 1);
	}
}

int limit_sandbox(const struct limiting *l, struct err *e)
{
	struct work *w = xcalloc(1, sizeof *w);
	char command[] = "true", *const argv[] = {command, NULL};
	int r;

	*w = (struct work){.l = l, .host = *l->host, .told = LIVE_CHANGES_NONE};
	for (size_t i = 0; i < countof(w->folder); i++)
		w->folder[i] = -1;
	w->init = live_open_init(l->host->live, l->entry, e);
	r = w->init < 0 ? w->init : plan_of_live(l->host->live, l->entry, &w->plan, e);
	if (r == 0)
		r = live_changes_begin(l->host->live, l->entry, &w->told, e);
	if (r == 0)
		r = find_groups(w, e);
	if (r == 0)
		r = make_policy(w, e);
	if (r == 0)
		r = compile_plan(&w->policy, &w->host, argv, &w->wanted, e);
	if (r == 0)
		r = find_changes(w, e);
	if (r == 0)
		r = write_changes(w, e);
	if (r == 0) {
		tell(w);
		r = live_changes_write(&w->told, l->entry, e);
	}
	live_changes_check(&w->told, l->entry, w->init);
	work_done(w);
	free(w);
	return r;
}
