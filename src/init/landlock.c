/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* landlock: the second wall, made of the same rules as the mounts. */
#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>

#include "base/mem.h"
#include "base/sys.h"
#include "init/steps.h"

/* The kernel's structure as of ABI 6; the headers of Debian 12 are older. A kernel accepts a longer one if what it does
 * not know is 0, and the plan only asks for what the kernel has. */
struct ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

struct net_port {
	uint64_t allowed_access, port;
};

enum { RULE_NET_PORT = 2, SCOPE_SIGNAL = 2 };

int do_landlock(struct sandbox *s, const struct step *step, struct err *e)
{
	struct ruleset ruleset = {step->n, step->m & UINT32_MAX, step->m >> 32};

	s->landlock = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
	return s->landlock >= 0 ? 0 : err_errno(e, errno, "make a Landlock ruleset");
}

/* Of init: the payload's own domain lies in this one, so that init can signal it, and it can't signal init. Landlock
 * wants no_new_privs of a process without CAP_SYS_ADMIN. */
int do_signal_scope(struct sandbox *s, const struct step *step, struct err *e)
{
	struct ruleset ruleset = {0, 0, SCOPE_SIGNAL};
	autoclose int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);

	(void)s;
	(void)step;
	if (fd < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return err_errno(e, errno, "keep signals in the sandbox");
	return 0;
}

int do_landlock_path(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *path = plan_text(s->plan, step->a);
	autoclose int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = {.allowed_access = step->n, .parent_fd = fd};

	if (fd < 0)
		return err_errno(e, errno, "open '%s' for a Landlock rule", path);
	if (syscall(SYS_landlock_add_rule, s->landlock, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_errno(e, errno, "add a Landlock rule for '%s'", path);
	return 0;
}

int do_landlock_port(struct sandbox *s, const struct step *step, struct err *e)
{
	struct net_port rule = {.allowed_access = step->m, .port = step->n};

	if (syscall(SYS_landlock_add_rule, s->landlock, RULE_NET_PORT, &rule, 0) < 0)
		return err_errno(e, errno, "add a Landlock rule for port %llu", (unsigned long long)step->n);
	return 0;
}

int do_landlock_enforce(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)step;
	if (syscall(SYS_landlock_restrict_self, s->landlock, 0) < 0)
		return err_errno(e, errno, "enforce the Landlock rules");
	mem_close_ptr(&s->landlock);
	s->landlock = -1;
	return 0;
}
