/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grant-take: what of the host is granted, as a detached mount. A rule of a profile and a grant of the same path show
 * the same, since the same steps are done by the same functions. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "init/init.h"
#include "init/steps.h"
#include "run/aside.h"
#include "run/grant.h"

struct taking {
	const struct plan *view;
	const char *target;
};

/* Does the step make the root, a folder above the target, or what is seen there and below it? */
static bool is_needed(const struct taking *t, const struct step *step)
{
	const char *a = plan_text(t->view, step->a), *b = plan_text(t->view, step->b);

	switch (step->kind) {
	case STEP_PRIVATE:
	case STEP_ROOT:
	case STEP_SCRATCH:
		return true;
	case STEP_MKDIR:
		return path_below(t->target, a) || path_below(a, t->target) || str_eq(a, "/proc");
	case STEP_FILE:
	case STEP_HIDE:
	case STEP_SCRATCH_DIR:
		return path_below(a, t->target);
	case STEP_BIND:
		return path_below(b, t->target);
	default:
		return false;
	}
}

static int map_self(uid_t uid, gid_t gid, struct err *e)
{
	autofree char *uids = xasprintf("0 %u 1", uid), *gids = xasprintf("0 %u 1", gid);
	int r = fd_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");

	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/uid_map", uids);
	if (r == 0)
		r = fd_write_file(AT_FDCWD, "/proc/self/gid_map", gids);
	return r < 0 ? err_errno(e, -r, "map the caller's ids") : 0;
}

/* A copy of the host's mounts, of which clones can be made; of an ordinary caller in a user namespace of its own, as
 * init has it. */
static int copy_mounts(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWNS) == 0)
		return 0;
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		(void)err_errno(e, errno, "make a mount namespace");
		return err_hint(e, USER_NAMESPACES_HINT);
	}
	return map_self(uid, gid, e);
}

static int take_mount(void *arg, int *ret_fd, struct err *e)
{
	const struct taking *t = arg;
	autofree uint8_t *marks = xcalloc(t->view->count, 1);
	struct sandbox s = {SANDBOX_NONE};
	const char *name;
	int step, parent, r;

	s.plan = t->view;
	s.marks = marks;
	s.share = 1;
	for (size_t i = 0; i < t->view->count; i++)
		marks[i] = is_needed(t, &t->view->step[i]);
	r = copy_mounts(e);
	if (r == 0)
		r = walk(&s, ACTOR_INIT, &step, e);
	if (r < 0)
		return r;
	parent = root_target(&s.root, t->target, &name, e);
	if (parent < 0)
		return parent;
	*ret_fd = sys_open_tree(parent, name, OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
	return *ret_fd < 0 ? err_errno(e, errno, "clone the mount at '%s'", t->target) : 0;
}

int grant_take(const struct plan *view, const char *target, uint64_t *ret_id, struct err *e)
{
	struct taking taking = {view, target};
	autoclose int fd = -1;
	int r = aside_run(take_mount, &taking, &fd, e);

	if (r == 0 && (fd < 0 || !grant_id_of(fd, ret_id)))
		r = err_set(e, EIO, "what was made of '%s' is no mount", target);
	return r < 0 ? r : take_fd(&fd);
}
