/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prepare: what the monitor does as the caller before anything is cloned. */
#include "run/prepare.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"

/* Every missing folder of `path` is made. What is there must be a folder; a link counts as what it leads to, except that
 * the last name must not be one. */
static int make_folders(const char *path, mode_t mode, struct err *e)
{
	autofree char *copy = xstrdup(path);
	struct stat st;

	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return err_errno(e, errno, "make folder '%s'", copy);
		*p = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make folder '%s'", copy);
	if (lstat(copy, &st) < 0)
		return err_errno(e, errno, "look at '%s'", copy);
	return S_ISDIR(st.st_mode) ? 0 : err_set(e, ENOTDIR, "'%s' is not a folder", copy);
}

static int die_with_caller(pid_t caller, struct err *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return err_errno(e, errno, "prctl");
	return getppid() == caller ? 0 : err_set(e, ESRCH, "the caller of sbx has ended");
}

int prepare_host(const struct plan *plan, struct err *e)
{
	pid_t caller = getppid();

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		int r = 0;

		if (step->kind == STEP_HOST_MKDIR)
			r = make_folders(plan_text(plan, step->a), (mode_t)step->n, e);
		else if (step->kind == STEP_DIE_WITH_CALLER)
			r = die_with_caller(caller, e);
		if (r < 0)
			return err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name, plan_text(plan, step->why));
	}
	return 0;
}

int prepare_process(struct err *e)
{
	struct sigaction plain = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};

	/* whatever the caller had blocked or ignored: neither sbx nor the payload starts with it */
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sigaction(sig, &plain, NULL) < 0 && errno != EINVAL)
			return err_errno(e, errno, "reset signal %d", sig); /* EINVAL: two are libc's own */
	if (sigaction(SIGPIPE, &ignore, NULL) < 0)
		return err_errno(e, errno, "ignore SIGPIPE");
	for (int fd; (fd = open("/dev/null", O_RDWR | O_NOCTTY)) < 3;) /* 0 to 2 are open from here on */
		if (fd < 0)
			return err_errno(e, errno, "open /dev/null");
	if (sys_close_range(3, ~0U, SYS_CLOSE_RANGE_CLOEXEC) < 0) {
		(void)err_errno(e, errno, "close_range");
		return err_hint(e, "sbx needs Linux 5.14 or newer");
	}
	return 0;
}
