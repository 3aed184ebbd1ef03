/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Init is made by a vfork: it runs in the monitor's memory, and the monitor's main thread stands still, until init is
 * sbx-init or has ended. Where the monitor has something to do meanwhile, a second thread does it, the attendant: it
 * maps ids, moves init into cgroups, takes over the sandbox's terminal, has the box filled, gives the word for the
 * payload, and answers signals. It ends before the main thread goes on, so that the two are never active at once. */
#include "run/spawn.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include "base/fd.h"
#include "base/mem.h"
#include "base/raw.h"
#include "base/sys.h"
#include "init/init.h"
#include "plan/share.h"
#include "run/box.h"
#include "run/id-map.h"
#include "run/instance.h"
#include "run/template.h"

enum {
	STACK = 192 * 1024, /* of init, and of the payload before its exec */
	THREAD_STACK = 128 * 1024,
	GUARD = 64 * 1024, /* a page at least, of any size that pages have */
	JOINER_STACK = 32 * 1024,
	STACKS = 2 * (GUARD + STACK) + GUARD + JOINER_STACK,
};

struct attendant {
	struct monitor *m;
	bool wait; /* init waits for its first word */
	int done;  /* eventfd: the main thread goes on */
	int result;
	struct err err;
};

static int clone_error(struct err *e, int code)
{
	(void)err_errno(e, code, "make the namespaces");
	if (code == EPERM || code == ENOSPC || code == EUSERS)
		return err_hint(e, USER_NAMESPACES_HINT);
	if (code == ENOSYS)
		return err_hint(e,
				"clone3 is missing: sbx needs Linux 5.14 or newer, and a container that allows clone3");
	return -code;
}

/* Waits for a word of init, or for the main thread to go on. A signal that would end sbx ends init. */
static int wait_for_word(struct attendant *a, struct err *e)
{
	struct monitor *m = a->m;

	for (;;) {
		struct pollfd events[] = {{.fd = m->status, .events = POLLIN},
					  {.fd = a->done, .events = POLLIN},
					  {.fd = m->signals, .events = POLLIN}};
		struct signalfd_siginfo info;

		int n = poll(events, countof(events), sealed_patience(m));

		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for the sandbox's init");
		if (n == 0) /* init waits for it, and will be told now */
			sealed_stop(m);
		if (n <= 0)
			continue;
		if (events[0].revents || events[1].revents)
			return 0;
		if (read(m->signals, &info, sizeof info) != sizeof info || !monitor_is_fatal((int)info.ssi_signo))
			continue; /* there is nothing yet that it could be meant for */
		m->outcome->signal = (int)info.ssi_signo;
		if (m->pidfd >= 0)
			monitor_kill_hard(m);
		return err_set(e, EINTR, "interrupted before the command ran");
	}
}

static int next_record(struct attendant *a, struct err *e)
{
	if (wait_for_word(a, e) < 0 || monitor_status(a->m, e) < 0)
		return -e->code;
	return a->m->status >= 0 ? 0 : err_set(e, EIO, "the sandbox's init ended before the command ran");
}

static bool terminal_arrived(const struct monitor *m)
{
	return m->master >= 0 || !plan_find(m->plan, STEP_TERMINAL);
}

static int attend(struct attendant *a, struct err *e)
{
	struct monitor *m = a->m;
	const struct step *map = m->template ? NULL : plan_find(m->plan, STEP_ID_MAP);
	int r = 0;

	if (a->wait) {
		r = next_record(a, e); /* it is born: the kernel has written its pid before that */
		if (r == 0 && map && map->n)
			r = id_map_write(m, map, e);
		if (r == 0)
			r = cgroups_attach(&m->groups, m->init, e);
		if (r == 0)
			r = instance_tell(m, e);
		if (r == 0)
			r = monitor_go(m, e);
	}
	if (m->share != SHARE_TEMPLATE) {
		while (r == 0 && !(box_arrived(m) && terminal_arrived(m)))
			r = next_record(a, e);
		if (r == 0)
			r = box_fill(m, e);
		if (r == 0)
			r = services_wait(m, true, e);
		if (r == 0)
			r = monitor_go(m, e);
	}
	return r < 0 ? r : wait_for_word(a, e); /* what it says now is for the main thread */
}

static void *attendant_main(void *arg)
{
	struct attendant *a = arg;

	a->result = attend(a, &a->err);
	if (a->result < 0 && a->m->status >= 0)
		(void)shutdown(a->m->status, SHUT_RDWR); /* init waits for a word that will not come: it ends */
	return NULL;
}

static int start_attendant(struct attendant *a, pthread_t *ret, struct err *e)
{
	pthread_attr_t attributes;
	int r;

	a->done = eventfd(0, EFD_CLOEXEC);
	if (a->done < 0)
		return err_errno(e, errno, "make an eventfd");
	r = pthread_attr_init(&attributes);
	if (r == 0) {
		r = pthread_attr_setstacksize(&attributes, THREAD_STACK);
		if (r == 0)
			r = pthread_create(ret, &attributes, attendant_main, a);
		(void)pthread_attr_destroy(&attributes);
	}
	return r == 0 ? 0 : err_errno(e, r, "make a thread");
}

struct stacks {
	struct init_stack init, payload, joiner;
};

/* Each above a guard. */
static struct stacks stacks_in(char *region)
{
	struct stacks in = {.init = {region + GUARD, STACK}};

	in.payload = (struct init_stack){in.init.low + STACK + GUARD, STACK};
	in.joiner = (struct init_stack){in.payload.low + STACK + GUARD, JOINER_STACK};
	return in;
}

static char *make_stacks(void)
{
	char *region = mmap(NULL, STACKS, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct stacks in;

	if (region == MAP_FAILED)
		return NULL;
	in = stacks_in(region);
	if (mprotect(in.init.low, STACK, PROT_READ | PROT_WRITE) == 0 &&
	    mprotect(in.payload.low, STACK, PROT_READ | PROT_WRITE) == 0 &&
	    mprotect(in.joiner.low, JOINER_STACK, PROT_READ | PROT_WRITE) == 0)
		return region;
	(void)munmap(region, STACKS);
	return NULL;
}

/* Where there is no attendant, a signal that would end sbx ends it at once, and the kernel init with it: there is
 * nothing yet to be told, and a set-up that hangs (a file system of the network) can be interrupted. */
static void let_signals_end_us(bool let)
{
	sigset_t fatal;

	(void)sigemptyset(&fatal);
	(void)sigaddset(&fatal, SIGINT);
	(void)sigaddset(&fatal, SIGTERM);
	(void)sigaddset(&fatal, SIGHUP);
	(void)pthread_sigmask(let ? SIG_UNBLOCK : SIG_BLOCK, &fatal, NULL);
}

static uint64_t namespaces_of(const struct monitor *m)
{
	const struct step *step = plan_find(m->plan, STEP_NAMESPACES); /* none: the profile can do without */

	if (m->share == SHARE_TEMPLATE)
		return share_template_namespaces(m->plan);
	if (m->share == SHARE_RUN)
		return share_run_namespaces(m->plan);
	return step ? step->n : 0;
}

/* In a template init is made by another process, into which the kernel would put the pidfd. */
static long clone_in_template(struct monitor *m, struct sys_clone_args *args, struct init_start *start,
			      const struct init_stack *stack)
{
	long pid;

	args->flags = (args->flags & ~(uint64_t)CLONE_PIDFD) | CLONE_PARENT;
	args->exit_signal = 0; /* that of its maker */
	pid = template_clone(m->template, args, start, stack);
	if (pid > 0)
		m->pidfd = (int)syscall(SYS_pidfd_open, m->init, 0);
	if (m->pidfd >= 0)
		return pid;
	pid = pid < 0 ? pid : -errno;
	/* The payload may run already, without a limit; or the joiner was killed when init was there. Our child: the
	 * pid is its own until we wait for it. */
	if (m->init > 0)
		(void)kill(m->init, SIGKILL);
	return pid;
}

static int make_init(struct monitor *m, const struct attendant *a, struct err *e)
{
	struct stacks stacks = {0};
	int dumpable = prctl(PR_GET_DUMPABLE), group = cgroups_clone_fd(&m->groups);
	struct init_start start = {.plan = m->plan,
				   .status = m->child_status,
				   .monitor = m->status,
				   .program = m->child_program,
				   .image = m->sealed.mount,
				   .wait = a->wait,
				   .marks = m->marks,
				   .share = m->share,
				   .payload_stack = &stacks.payload};
	struct sys_clone_args args = {
		.flags = namespaces_of(m) | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_PARENT_SETTID |
			 (group >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)&m->pidfd,
		.parent_tid = (uintptr_t)&m->init,
		.exit_signal = SIGCHLD,
		.cgroup = group >= 0 ? (uint64_t)group : 0,
	};
	long pid;

	if (!m->stacks)
		m->stacks = make_stacks();
	if (!m->stacks || dumpable < 0)
		return err_errno(e, errno, "make stacks for the sandbox's processes");
#ifdef __SANITIZE_ADDRESS__ /* it still thinks of the frames of a run before this one, which never returned */
	__asan_unpoison_memory_region(m->stacks, STACKS);
#endif
	stacks = stacks_in(m->stacks);
	args.stack = (uintptr_t)stacks.init.low;
	args.stack_size = stacks.init.size;
	memcpy(start.stdio, m->child_stdio, sizeof start.stdio);
	let_signals_end_us(a->done < 0);
	if (m->template)
		pid = clone_in_template(m, &args, &start, &stacks.joiner);
	else
		pid = raw_clone3(&args, m->share == SHARE_TEMPLATE ? init_template_main : init_main, &start);
	let_signals_end_us(false);
	if (pid < 0)
		return clone_error(e, (int)-pid);
	/* init gave up the right to look into its memory, which was this one */
	(void)prctl(PR_SET_DUMPABLE, dumpable); /* if not, sbx only stays as closed as it was */
	return 0;
}

void spawn_free_stacks(char *stacks)
{
	if (stacks)
		(void)munmap(stacks, STACKS);
}

/* Closing init's ends tells the attendant of an init that could not be made. */
static void close_childs(struct monitor *m)
{
	int *fds[] = {&m->child_status,   &m->sealed.mount,   &m->child_program,
		      &m->child_stdio[0], &m->child_stdio[1], &m->child_stdio[2]};

	for (size_t i = 0; i < countof(fds); i++) {
		mem_close_ptr(fds[i]);
		*fds[i] = -1;
	}
	for (size_t i = 0; i < m->plan->count; i++) /* these are the payload's now: it may close them */
		if (m->plan->step[i].kind == STEP_KEEP_FD)
			(void)close((int)m->plan->step[i].n);
}

int spawn_init(struct monitor *m, struct err *e)
{
	const struct step *map = m->template ? NULL : plan_find(m->plan, STEP_ID_MAP);
	bool attach = m->groups.count > (cgroups_clone_fd(&m->groups) >= 0);
	struct attendant a = {
		.m = m, .wait = (map && map->n) || attach || plan_find(m->plan, STEP_INSTANCE), .done = -1};
	bool attended = /* also where init may wait for long */
		a.wait || m->sealed.server || m->services.count ||
		(m->share != SHARE_TEMPLATE && (plan_find(m->plan, STEP_TERMINAL) || !box_arrived(m)));
	pthread_t thread;
	int r;

	r = attended ? start_attendant(&a, &thread, e) : monitor_go(m, e);
	if (r < 0)
		return r;
	r = make_init(m, &a, e);
	close_childs(m);
	if (attended) {
		(void)eventfd_write(a.done, 1);
		(void)pthread_join(thread, NULL);
		mem_close_ptr(&a.done);
	}
	if (r == 0 && a.result < 0)
		*e = a.err;
	if (r < 0 || a.result < 0)
		return r < 0 ? r : a.result;
	/* behind the gate sbx had rights in its user namespace, for init; the monitor needs none */
	return plan_find(m->plan, STEP_GATE) ? init_capabilities(0, e) : 0;
}
