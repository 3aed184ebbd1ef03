/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mounts: the finished view becomes steps, from the root down. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "compile/files.h"

enum { ROOT_BYTES = 4 << 20, ROOT_INODES = 4096 };

struct emit {
	struct context *c;
	struct strv made; /* paths that are there already */
};

static bool in_image(const struct context *c)
{
	return c->host->image;
}

static void add(struct emit *m, enum step_kind kind, const struct view_entry *entry, const char *b, uint64_t n,
		uint64_t k)
{
	plan_add(m->c->plan, kind, entry->why, entry->target, b, n, k);
	strv_add(&m->made, entry->target);
}

static bool own_ground(const struct view_entry *above)
{
	return !above || above->kind == VIEW_SCRATCH || above->kind == VIEW_HOLLOW || above->kind == VIEW_DIR ||
	       above->kind == VIEW_IMAGE;
}

/* Every missing folder above the target. */
static void make_parents(struct emit *m, const struct view_entry *entry)
{
	for (const char *p = strchr(entry->target + 1, '/'); p; p = strchr(p + 1, '/')) {
		autofree char *path = xstrndup(entry->target, (size_t)(p - entry->target));

		if (strv_has(&m->made, path))
			continue;
		plan_add(m->c->plan, STEP_MKDIR, entry->why, path, NULL, 0755, in_image(m->c));
		strv_add(&m->made, path);
	}
}

static int mount_point(struct emit *m, const struct view_entry *entry, bool folder, struct err *e)
{
	const struct view_entry *above = view_mount_above(m->c->view, entry->target, entry);

	if (above && (above->kind == VIEW_PROC || above->kind == VIEW_HIDE))
		return 0;
	if (!own_ground(above))
		return compile_point_on_host(m->c, above, entry, folder, e);
	make_parents(m, entry);
	if (strv_has(&m->made, entry->target))
		return 0;
	plan_add(m->c->plan, folder ? STEP_MKDIR : STEP_FILE, entry->why, entry->target, NULL, folder ? 0755 : 0644,
		 in_image(m->c));
	return 0;
}

static uint64_t attributes(const struct view_entry *entry)
{
	uint64_t attr = ATTR_NOSUID;

	if (entry->kind == VIEW_READ_ONLY || entry->kind == VIEW_GRANTS)
		attr |= ATTR_RDONLY;
	if (entry->kind == VIEW_DEVICE)
		attr |= ATTR_NOEXEC;
	else
		attr |= ATTR_NODEV;
	return attr | (entry->no_exec ? ATTR_NOEXEC : 0);
}

static uint64_t expected(const struct view_entry *entry)
{
	if (entry->kind == VIEW_DEVICE)
		return BIND_CHAR | (uint64_t)entry->rdev << 32;
	return entry->type == NODE_FOLDER ? BIND_FOLDER : BIND_NOT_FOLDER;
}

/* The session's own folder is there when the sandbox begins. */
static bool holds_session(const struct context *c, const char *path)
{
	const struct step *step = plan_find(c->plan, STEP_OPEN_SESSION);

	return step && path_below(plan_text(c->plan, step->a), path);
}

static int hide(struct emit *m, const struct view_entry *entry)
{
	const struct view_entry *above = view_mount_above(m->c->view, entry->target, entry);
	autofree char *path = NULL;
	struct node node;
	bool kept;

	if (above && above->kind == VIEW_PROC) {
		m->c->host->look(m->c->host, entry->target, &node);
	} else if (above && above->source) {
		path = view_behind(above, entry->target);
		m->c->host->look(m->c->host, path, &node);
	} else {
		if (in_image(m->c)) /* which decides whether something is there */
			add(m, STEP_HIDE, entry, NULL, 0, BIND_ANY);
		return 0;
	}
	if (node.type == NODE_NONE && path && compile_will_be_made(m->c->plan, path))
		node.type = NODE_FOLDER;
	if (node.type == NODE_LINK || (node.type == NODE_NONE && !(path && holds_session(m->c, path))))
		return 0;
	/* in a session, an earlier run may have put another thing there */
	kept = above->kind == VIEW_OVERLAY && compile_session(m->c);
	add(m, STEP_HIDE, entry, NULL, 0, kept ? BIND_ANY : node.type == NODE_FOLDER ? BIND_FOLDER : BIND_NOT_FOLDER);
	return 0;
}

static int emit_mount(struct emit *m, const struct view_entry *entry, struct err *e)
{
	autofree char *owner = entry->kind == VIEW_GRANTS ? NULL : compile_owner_inside(m->c);
	bool folder = entry->type == NODE_FOLDER && entry->kind != VIEW_DEVICE;
	char buf[WHY_SIZE];
	int r = mount_point(m, entry, folder, e);

	if (r < 0)
		return r;
	switch (entry->kind) {
	case VIEW_BOX:
		compile_box_mount(m->c, entry, owner, attributes(entry));
		strv_add(&m->made, entry->target);
		break;
	case VIEW_GRANTS:
	case VIEW_SCRATCH:
		add(m, STEP_SCRATCH_DIR, entry, owner, entry->mode, attributes(entry));
		break;
	case VIEW_HOLLOW:
		add(m, STEP_SCRATCH_DIR, entry, NULL, 0555, ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC);
		break;
	case VIEW_PROC:
		add(m, STEP_PROC, entry, NULL, ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC,
		    policy_is(m->c->policy, SET_filesystem_proc, "pids"));
		if (!policy_number(m->c->policy, SET_process_nested_namespaces, 0))
			plan_add(m->c->plan, STEP_SEAL_PROC, why(m->c, SET_process_nested_namespaces, buf),
				 entry->target, NULL, 0, 0);
		break;
	case VIEW_DEVPTS:
		add(m, STEP_DEVPTS, entry, NULL, ATTR_NOSUID | ATTR_NOEXEC, 0);
		break;
	case VIEW_READ_ONLY:
	case VIEW_READ_WRITE:
	case VIEW_DEVICE:
		plan_add(m->c->plan, STEP_BIND, entry->why, entry->source, entry->target, attributes(entry),
			 expected(entry));
		strv_add(&m->made, entry->target);
		break;
	case VIEW_OVERLAY:
		compile_overlay_mount(m->c, entry, attributes(entry));
		strv_add(&m->made, entry->target);
		break;
	case VIEW_DIR:
	case VIEW_LINK:
	case VIEW_FILE:
	case VIEW_HIDE:
	case VIEW_IMAGE:
		break;
	}
	return 0;
}

static int emit_own(struct emit *m, const struct view_entry *entry, struct err *e)
{
	const struct view_entry *above = view_mount_above(m->c->view, entry->target, entry);

	(void)e;
	if (!own_ground(above) || strv_has(&m->made, entry->target))
		return 0; /* the host's own is shown there */
	make_parents(m, entry);
	if (entry->kind == VIEW_IMAGE) {
		strv_add(&m->made, entry->target);
	} else if (entry->kind == VIEW_DIR) {
		add(m, STEP_MKDIR, entry, NULL, entry->mode, in_image(m->c));
	} else if (entry->kind == VIEW_LINK) {
		add(m, STEP_SYMLINK, entry, entry->source, 0, 0);
	} else {
		add(m, STEP_FILE, entry, NULL, entry->mode, in_image(m->c));
		plan_data(m->c->plan, entry->data, entry->size);
	}
	return 0;
}

static void mask_proc(struct context *c)
{
	static const char *const always[] = {"keys", "key-users", "acpi"};
	static const char *const root[] = {"timer_list", "kcore",       "kmsg",          "sysrq-trigger",
					   "kallsyms",   "sched_debug", "latency_stats", "scsi",
					   "asound",     "irq",         "bus",           "fs"};

	if (policy_is(c->policy, SET_filesystem_proc, "pids"))
		return;
	for (size_t i = 0; i < countof(always) + countof(root); i++) {
		autofree char *path =
			xasprintf("/proc/%s", i < countof(always) ? always[i] : root[i - countof(always)]);
		struct node node;

		if (i >= countof(always) && c->payload_uid != 0)
			break;
		c->host->look(c->host, path, &node);
		if (node.type != NODE_NONE)
			view_add(c, VIEW_HIDE, path, NULL, 0, "default");
	}
}

/* Only the administrator writes there, and nobody mounts such a thing: the most common views need no look. */
static bool is_of_system(const char *path)
{
	static const char *const top[] = {"/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};

	for (size_t i = 0; i < countof(top); i++)
		if (path_below(path, top[i]))
			return true;
	return false;
}

/* What the entry shows of the kernel's own file system at `place` is covered; the thing itself is not shown. */
static int cover_kernel(struct context *c, const struct view_entry *entry, const char *place, struct err *e)
{
	autofree char *target = NULL;

	if (path_below(entry->source, place) && c->host->is_kernels(c->host, entry->source))
		return err_set(e, EINVAL, "%s: '%s' is of the kernel's own at '%s', which is never shown", entry->why,
			       entry->source, place);
	if (!path_below(place, entry->source))
		return 0;
	target = view_before(entry, place);
	if (view_mount_above(c->view, target, NULL) == entry)
		(void)view_add(c, VIEW_HIDE, target, NULL, 0, "default"); /* this may move `entry` */
	return 0;
}

/* The host may have a /proc, or the like, at other places too, as that of a chroot. */
static int cover_kernels(struct context *c, struct err *e)
{
	autostrv struct strv places = {0};
	bool all_of_system = true;
	int r;

	for (size_t i = 0; i < c->view->count; i++)
		all_of_system &= !view_is_bind(c->view->entry[i].kind) || is_of_system(c->view->entry[i].source);
	r = all_of_system ? 0 : c->host->kernels(c->host, &places);
	if (r < 0)
		return err_errno(e, -r, "read '/proc/self/mountinfo'");
	for (size_t k = 0; k < places.count; k++)
		for (size_t i = 0; r == 0 && i < c->view->count; i++)
			if (view_is_bind(c->view->entry[i].kind))
				r = cover_kernel(c, &c->view->entry[i], places.v[k], e);
	return r;
}

static bool something_below(const struct view *view, const struct view_entry *self)
{
	for (size_t i = 0; i < view->count; i++)
		if (&view->entry[i] != self && view->entry[i].kind != VIEW_HIDE &&
		    path_below(view->entry[i].target, self->target))
			return true;
	return false;
}

/* What is hidden, but for something below it, is an empty folder with that in it. */
static void hollow_out(struct view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		struct view_entry *entry = &view->entry[i];

		if (entry->kind == VIEW_HIDE && something_below(view, entry))
			entry->kind = own_ground(view_mount_above(view, entry->target, entry)) ? VIEW_DIR : VIEW_HOLLOW;
	}
}

static void begin(struct context *c)
{
	enum setting_id size = policy_value(c->policy, SET_limits_disk) ? SET_limits_disk : SET_filesystem_tmpfs_size;
	char buf[WHY_SIZE];

	plan_add(c->plan, STEP_PRIVATE, "default", NULL, NULL, 0, 0);
	plan_add(c->plan, STEP_ROOT, "default", NULL, NULL, ROOT_BYTES, ROOT_INODES);
	plan_add(c->plan, STEP_MKDIR, "default", "/proc", NULL, 0755, 0);
	plan_add(c->plan, STEP_SCRATCH, why(c, size, buf), "/proc", NULL, (uint64_t)policy_number(c->policy, size, 0),
		 (uint64_t)policy_number(c->policy, SET_filesystem_tmpfs_inodes, 0));
	compile_image_root(c);
}

static void end(struct context *c)
{
	int64_t nested = policy_number(c->policy, SET_process_nested_namespaces, 0);
	char buf[WHY_SIZE];
	const char *text = why(c, SET_process_nested_namespaces, buf);

	/* one is the payload's own, but behind the gate */
	plan_add(c->plan, STEP_NAMESPACE_LIMIT, text, NULL, NULL, c->host->gated ? 0 : (uint64_t)nested + 1, 0);
	if (nested && !policy_is(c->policy, SET_filesystem_proc, "pids"))
		plan_add(c->plan, STEP_PROC_READ_ONLY, text, "/proc/sys", NULL, 0, 0);
	if (nested) /* the payload may write what is its own in /proc, and of an ordinary caller init is, too */
		plan_add(c->plan, STEP_PROC_READ_ONLY, text, "/proc/1", NULL, 0, 0);
	if (!in_image(c) || policy_is(c->policy, SET_filesystem_image_writes, "no"))
		plan_add(c->plan, STEP_SEAL, in_image(c) ? why(c, SET_filesystem_image_writes, buf) : "default", NULL,
			 NULL, 0, 0);
	plan_add(c->plan, STEP_PIVOT, "default", NULL, NULL, 0, 0);
}

/* Some places are the sandbox's own, whatever leads there. What is declared at the root otherwise is no mount. */
static int check_places(const struct context *c, struct err *e)
{
	const struct view_entry *root = view_find(c->view, "/"), *proc = view_find(c->view, "/proc");

	if (root && view_is_mount(root->kind) && root->kind != VIEW_HIDE) {
		(void)err_set(e, EINVAL, "%s: '/' is the sandbox's own: nothing can be shown in its place", root->why);
		return err_hint(e, "filesystem.view says what is in it");
	}
	if (proc && proc->kind != VIEW_PROC) {
		(void)err_set(e, EINVAL, "%s: '/proc' is the sandbox's own: nothing can take its place", proc->why);
		return err_hint(e, "filesystem.proc says what is in it");
	}
	return compile_grants_place(c, e);
}

int compile_mounts(struct context *c, struct err *e)
{
	struct emit m = {.c = c};
	int r;

	(void)compile_command_file(c);
	compile_protect(c);
	if (!c->bare)
		mask_proc(c);
	r = cover_kernels(c, e);
	if (r == 0)
		r = view_finish(c, e);
	if (r < 0 || c->bare)
		return r < 0 ? r : compile_bare(c, e);
	r = check_places(c, e);
	if (r == 0)
		r = compile_box_place(c, e);
	hollow_out(c->view);
	begin(c);
	strv_add(&m.made, "/");
	if (!in_image(c))
		strv_add(&m.made, "/proc");
	for (size_t i = 0; r == 0 && i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];

		if (entry->kind == VIEW_HIDE)
			r = hide(&m, entry);
		else
			r = view_is_mount(entry->kind) ? emit_mount(&m, entry, e) : emit_own(&m, entry, e);
	}
	strv_done(&m.made);
	end(c);
	return r;
}
