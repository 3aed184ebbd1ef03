/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prepare: what the monitor does as the caller before anything is cloned. */
#include "run/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/sys.h"

static int make_folder(const char *path, mode_t mode, const char *owner, struct err *e)
{
	autoclose int folder = folder_make(path, mode, owner, e);

	return folder < 0 ? folder : 0;
}

static int make_file(const char *path, struct err *e)
{
	const char *name = strrchr(path, '/');
	autofree char *above = xstrndup(path, (size_t)(name - path));
	autoclose int folder = folder_make(above, 0700, "", e), file = -1;

	if (folder < 0)
		return folder;
	file = openat(folder, name + 1, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return file >= 0 || errno == EEXIST ? 0 : err_errno(e, errno, "make file '%s'", path);
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
			r = make_folder(plan_text(plan, step->a), (mode_t)step->n, plan_text(plan, step->b), e);
		else if (step->kind == STEP_HOST_FILE)
			r = make_file(plan_text(plan, step->a), e);
		else if (step->kind == STEP_DIE_WITH_CALLER)
			r = die_with_caller(caller, e);
		if (r < 0)
			return err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name,
					  plan_text(plan, step->why));
	}
	return 0;
}

/* Timers of the caller would end sbx or the payload; real-time scheduling would be inherited by the payload. */
static int forget_timers(struct err *e)
{
	static const enum __itimer_which timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
	const struct itimerval none = {0};
	const struct sched_param plain = {0};
	int policy = sched_getscheduler(0);

	for (size_t i = 0; i < countof(timers); i++)
		if (setitimer(timers[i], &none, NULL) < 0)
			return err_errno(e, errno, "stop a timer of the caller");
	if (policy < 0)
		return err_errno(e, errno, "look at the scheduling of sbx");
	if (policy != SCHED_OTHER && policy != SCHED_BATCH && policy != SCHED_IDLE &&
	    sched_setscheduler(0, SCHED_OTHER, &plain) < 0)
		return err_errno(e, errno, "leave real-time scheduling");
	return 0;
}

/* The pages of heap and stack that every launch writes, by two calls: a fault for each of them costs more, in a virtual
 * machine much more. Best effort. */
static void fault_in(void)
{
	enum { HEAP = 96 * 1024, STACK = 48 * 1024 };
	uintptr_t mask = ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
	autofree char *first = xmalloc(1);

	(void)madvise((void *)((uintptr_t)first & mask), HEAP, MADV_POPULATE_WRITE);
	(void)madvise((void *)(((uintptr_t)__builtin_frame_address(0) & mask) - STACK), STACK, MADV_POPULATE_WRITE);
}

int prepare_process(struct err *e)
{
	struct sigaction plain = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};

	fault_in();
	/* whatever the caller had blocked or ignored: neither sbx nor the payload starts with it */
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sigaction(sig, &plain, NULL) < 0 && errno != EINVAL)
			return err_errno(e, errno, "reset signal %d", sig); /* EINVAL: two are libc's own */
	/* both are answers to a write, which says it by its error, too */
	if (sigaction(SIGPIPE, &ignore, NULL) < 0 || sigaction(SIGXFSZ, &ignore, NULL) < 0)
		return err_errno(e, errno, "ignore a signal");
	(void)umask(077); /* what sbx makes for the caller is the caller's alone, whatever umask it came with */
	if (forget_timers(e) < 0)
		return -e->code;
	for (int fd; (fd = open("/dev/null", O_RDWR | O_NOCTTY)) < 3;) /* 0 to 2 are open from here on */
		if (fd < 0)
			return err_errno(e, errno, "open /dev/null");
	if (sys_close_range(3, ~0U, SYS_CLOSE_RANGE_CLOEXEC) < 0) {
		(void)err_errno(e, errno, "close_range");
		return err_hint(e, "sbx needs Linux 5.14 or newer");
	}
	return 0;
}
