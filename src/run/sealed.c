/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "run/monitor.h"

enum { SET_UP_MS = 30000, END_MS = 5000, FAIL_MS = 300 };

struct order {
	const char *file, *by, *form, *state, *sbx; /* borrowed, from the plan */
};

static void read_step(const struct plan *plan, const struct step *step, struct order *ret)
{
	ret->file = plan_text(plan, step->a);
	ret->by = plan_text(plan, step->b);
	ret->form = plan_text(plan, step->data);
	ret->state = ret->form + strlen(ret->form) + 1;
	ret->sbx = ret->state + strlen(ret->state) + 1;
}

/* The one that the plan was made for, as it was. */
static int open_file(const struct order *order, struct err *e)
{
	autoclose int file = sys_openat2(AT_FDCWD, order->file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
					 RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	char state[FD_IDENTITY];

	if (file < 0)
		return err_errno(e, errno, "open it");
	if (fd_identity(file, state) < 0 || strcmp(state, order->state) != 0)
		return err_set(e, ESTALE, "it was changed, or is another, since the plan was made");
	return take_fd(&file);
}

/* Only sbx is told, by numbers, which fds the program gets: a path may have any bytes, and lead elsewhere by now. The
 * rule shows what is at the path of the fd, and only if it is the same file Landlock lets the fd be opened. */
static void serve(const struct order *order, int file, int device, int said) __attribute__((noreturn));
static void serve(const struct order *order, int file, int device, int said)
{
	autofree char *sbx = xstrdup(order->sbx), *program = xstrdup(order->by),
		      *keep = xasprintf("--set=process.keep-fd=%d %d", file, device),
		      *show = xasprintf("--ro=/proc/self/fd/%d:/image", file),
		      *image = xasprintf("/proc/self/fd/%d", file), *point = xasprintf("/dev/fd/%d", device);
	char quiet[] = "-q", name[] = "--name=", profile[] = "--profile=fuse", memory[] = CHILD_MEMORY("512M"),
	     end[] = "--", foreground[] = "-f";
	char *argv[] = {sbx, quiet, name, profile, memory, keep, show, end, program, foreground, image, point, NULL};
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* a session of its own: keys of the caller's terminal are not for it */
	if (setsid() < 0 || null < 0 || fcntl(file, F_SETFD, 0) < 0 || fcntl(device, F_SETFD, 0) < 0 ||
	    dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(said, 2) < 0)
		_exit(127);
	(void)execv(sbx, argv);
	_exit(127);
}

static int start(struct sealed *sealed, const struct order *order, int file, struct err *e)
{
	autoclose int device = -1;

	sealed->said = child_file(NULL, e);
	if (sealed->said < 0)
		return sealed->said;
	sealed->mount = sealed_by_fuse(&device, e);
	if (sealed->mount < 0)
		return sealed->mount;
	sealed->server = fork();
	if (sealed->server == 0)
		serve(order, file, device, sealed->said);
	if (sealed->server < 0) {
		sealed->server = 0;
		return err_errno(e, errno, "make a process");
	}
	/* our child: its pid is its own until we wait for it */
	sealed->pidfd = (int)syscall(SYS_pidfd_open, sealed->server, 0);
	return sealed->pidfd < 0 ? err_errno(e, errno, "pidfd_open") : 0;
}

int sealed_open(struct monitor *m, struct err *e)
{
	const struct step *step = plan_find(m->plan, STEP_SEALED);
	autoclose int file = -1;
	struct order order;
	int r;

	if (!step)
		return 0;
	read_step(m->plan, step, &order);
	r = file = open_file(&order, e);
	if (r >= 0 && strcmp(order.by, "kernel") == 0)
		r = m->sealed.mount = sealed_by_kernel(file, order.form, e);
	else if (r >= 0)
		r = start(&m->sealed, &order, file, e);
	return r < 0 ? err_prefix(e, "step %td, %s (%s): '%s'", step - m->plan->step + 1, step_info[step->kind].name,
				  plan_text(m->plan, step->why), order.file)
		     : 0;
}

int sealed_patience(const struct monitor *m)
{
	return m->sealed.server ? SET_UP_MS : -1;
}

void sealed_stop(const struct monitor *m)
{
	if (m->sealed.server)
		(void)kill(m->sealed.server, SIGTERM);
}

static bool ends_within(const struct sealed *sealed, int ms)
{
	struct pollfd end = {.fd = sealed->pidfd, .events = POLLIN};
	int n;

	do
		n = poll(&end, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

void sealed_explain(struct monitor *m, struct err *e)
{
	struct sealed *sealed = &m->sealed;
	autostr struct str said = {0};
	struct err none = {0};
	siginfo_t info = {0};
	int status;

	if (!sealed->server || !ends_within(sealed, FAIL_MS) ||
	    waitid(P_PID, (id_t)sealed->server, &info, WEXITED | WNOWAIT | WNOHANG) < 0 || !info.si_pid)
		return;
	status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	if (status && child_said(sealed->said, 1 << 16, &said, &none) == 0)
		(void)child_failed("the program that shows the image", status, &said, e);
}

void sealed_end(struct monitor *m)
{
	struct sealed *sealed = &m->sealed;

	mem_close_ptr(&sealed->mount);
	if (sealed->server) {
		sealed_stop(m);
		if (!ends_within(sealed, END_MS))
			(void)kill(sealed->server, SIGKILL);
		while (waitpid(sealed->server, NULL, 0) < 0 && errno == EINTR)
			;
	}
	mem_close_ptr(&sealed->pidfd);
	mem_close_ptr(&sealed->said);
	*sealed = (struct sealed)SEALED_NONE;
}
