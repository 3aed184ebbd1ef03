/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* identity: init becomes the user that the payload will be, the payload enters its own user namespace. */
#include <errno.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "init/many-ids.h"
#include "init/steps.h"

/* The caller's own group is not mapped, for a namespace that maps it gets no right to give up groups; and what init
 * makes has to have a group that is. */
int do_root_group(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)step;
	if (syscall(SYS_setresgid, 0, 0, 0) < 0)
		return err_errno(e, errno, "become group 0 of the sandbox");
	if (prctl(PR_SET_DUMPABLE, 1) < 0) /* the change of id cleared it; init has yet to look into its /proc */
		return err_errno(e, errno, "prctl");
	return die_with_monitor(s, e);
}

int become_user(const struct plan *plan, const struct step *step, struct err *e)
{
	uid_t uid = (uid_t)step->n, u[3];
	gid_t gid = (gid_t)step->m, g[3];
	const gid_t *groups = (const gid_t *)(const void *)plan_text(plan, step->data);

	/* the raw calls: libc's would change the monitor's other thread too, whose memory this process has */
	if (syscall(SYS_setgroups, step->size / sizeof *groups, groups) < 0)
		return err_errno(e, errno, "set the supplementary groups");
	if (syscall(SYS_setresgid, gid, gid, gid) < 0 || syscall(SYS_setresuid, uid, uid, uid) < 0)
		return err_errno(e, errno, "become user %u, group %u", uid, gid);
	if (getresuid(&u[0], &u[1], &u[2]) < 0 || getresgid(&g[0], &g[1], &g[2]) < 0)
		return err_errno(e, errno, "read the ids back");
	for (int i = 0; i < 3; i++)
		if (u[i] != uid || g[i] != gid)
			return err_set(e, EPERM, "the ids are not those that were set");
	return 0;
}

int do_set_ids(struct sandbox *s, const struct step *step, struct err *e)
{
	const struct step *inner = plan_find(s->plan, STEP_INNER_USER);
	bool maps = inner && inner->n; /* the payload's ids: for that it keeps its capabilities, which it drops then */
	int r;

	if (maps && prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0)
		return err_errno(e, errno, "keep capabilities while the ids change");
	r = become_user(s->plan, step, e);
	if (r < 0)
		return r;
	if (maps && prctl(PR_SET_SECUREBITS, 0) < 0)
		return err_errno(e, errno, "prctl");
	/* the change of id cleared both; the inner maps can only be written by a dumpable process */
	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return err_errno(e, errno, "prctl");
	return die_with_monitor(s, e);
}

static int map_own(const struct sandbox *s, const struct step *step, struct err *e)
{
	int r = fd_write_file(s->proc, "self/setgroups", "deny");

	if (r == 0)
		r = fd_write_file(s->proc, "self/uid_map", plan_text(s->plan, step->a));
	if (r == 0)
		r = fd_write_file(s->proc, "self/gid_map", plan_text(s->plan, step->b));
	return r < 0 ? err_errno(e, -r, "map the ids of the payload") : 0;
}

/* The namespace itself was made by the clone that made this process. */
int do_inner_user(struct sandbox *s, const struct step *step, struct err *e)
{
	int r = step->n ? many_ids_ask(s) : map_own(s, step, e);

	if (r < 0)
		return r;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(e, errno, "prctl");
	return 0;
}

int do_inner_namespaces(struct sandbox *s, const struct step *step, struct err *e)
{
	if (unshare((int)step->n) < 0)
		return err_errno(e, errno, "make namespaces for the kept capabilities");
	/* the payload's network is a new one now, and its loopback is down */
	return step->n & CLONE_NEWNET ? do_loopback(s, step, e) : 0;
}

/* An ended run's namespace counts for a while; so where the outer one serves many, this limit is all there is. */
int do_inner_limit(struct sandbox *s, const struct step *step, struct err *e)
{
	return limit_namespaces(s, step->n, e);
}
