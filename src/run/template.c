/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/raw.h"
#include "plan/share.h"
#include "run/monitor.h"
#include "run/spawn.h"

struct joiner {
	const struct template *template;
	const struct sys_clone_args *args;
	struct init_start *start;
	volatile long result; /* pid of init, or negative errno */
};

/* 0 or negative errno. */
static int enter(const struct template *template)
{
	for (int i = 0; i < TEMPLATE_NAMESPACES; i++)
		if (template->fd[i] >= 0 && syscall(SYS_setns, template->fd[i], 0) < 0)
			return -errno;
	return 0;
}

/* Runs in the monitor's memory. */
static int joiner_main(void *arg)
{
	struct joiner *j = arg;
	int r;

	/* while it is open here, init could not see that the monitor has ended */
	(void)close(j->start->monitor);
	j->start->monitor = -1;
	r = enter(j->template);
	j->result = r < 0 ? r : raw_clone3(j->args, init_main, j->start);
	_exit(0);
}

long template_clone(const struct template *template, const struct sys_clone_args *args, struct init_start *start,
		    const struct init_stack *stack)
{
	struct joiner j = {.template = template, .args = args, .start = start, .result = -EIO};
	const struct sys_clone_args own = {
		.flags = CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD, /* of init, too: it becomes the monitor's child */
		.stack = (uintptr_t)stack->low,
		.stack_size = stack->size,
	};
	long pid = raw_clone3(&own, joiner_main, &j);

	if (pid < 0)
		return pid;
	while (waitpid((pid_t)pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return j.result;
}

static void close_namespaces(struct template *template)
{
	for (int i = 0; i < TEMPLATE_NAMESPACES; i++) {
		mem_close_ptr(&template->fd[i]);
		template->fd[i] = -1;
	}
}

static void template_done(struct template *template)
{
	str_done(&template->key);
	close_namespaces(template);
}

static void forget_all(struct templates *templates)
{
	for (size_t i = 0; i < templates->count; i++)
		template_done(&templates->v[i]);
	templates->count = 0;
}

void templates_done(struct templates *templates)
{
	forget_all(templates);
	spawn_free_stacks(templates->stacks);
	templates->stacks = NULL;
	if (templates->watching)
		mem_close_ptr(&templates->mounts);
	templates->watching = false;
}

/* Since the last call. */
static bool mounts_changed(struct templates *templates)
{
	struct pollfd event;

	if (!templates->watching) {
		templates->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
		templates->watching = templates->mounts >= 0;
		return true;
	}
	event = (struct pollfd){.fd = templates->mounts, .events = POLLPRI};
	return poll(&event, 1, 0) != 0;
}

/* The maker's memory is ours again a moment before its end of the socket is closed. */
static int wait_for_record(int socket, struct err *e)
{
	struct pollfd event = {.fd = socket, .events = POLLIN};

	while (poll(&event, 1, -1) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "wait for the maker of a template");
	return 0;
}

/* What its maker said before it ended. */
static int receive(int socket, struct template *ret, struct err *e)
{
	uint64_t got = 0;

	for (;;) {
		struct status status;
		autoclose int fd = -1;
		int r = wait_for_record(socket, e);

		if (r < 0)
			return r;
		r = status_receive(socket, &status, &fd);
		if (r < 0)
			return err_errno(e, -r, "hear from the maker of a template");
		if (r == 0)
			return got & 1 && got & 2 ? 0
						  : err_set(e, EIO, "the maker of a template ended before it was done");
		if (status.type == STATUS_FAILED) {
			*e = status.err;
			return -(e->code ? e->code : EIO);
		}
		if (status.type != STATUS_NAMESPACE || fd < 0 || status.step < 0 || status.step >= TEMPLATE_NAMESPACES)
			continue;
		got |= UINT64_C(1) << status.step;
		mem_close_ptr(&ret->fd[status.step]);
		ret->fd[status.step] = take_fd(&fd);
	}
}

static int make(const struct plan *plan, const uint8_t *marks, struct template *ret, struct err *e)
{
	struct outcome unused = {0};
	struct monitor m = MONITOR_NONE;
	int pair[2], r;

	m.plan = plan;
	m.outcome = &unused;
	m.marks = marks;
	m.share = SHARE_TEMPLATE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	m.status = pair[0];
	m.child_status = pair[1];
	r = spawn_init(&m, e);
	if (r == 0)
		r = receive(m.status, ret, e);
	mem_close_ptr(&m.status); /* a maker that waits for a word ends */
	while (m.init > 0 && waitpid(m.init, NULL, __WALL) < 0 && errno == EINTR)
		;
	mem_close_ptr(&m.pidfd);
	spawn_free_stacks(m.stacks);
	return r;
}

/* The place for one more. */
static struct template *place(struct templates *templates)
{
	struct template *oldest = &templates->v[0];

	if (templates->count < TEMPLATES_MAX)
		return &templates->v[templates->count++];
	for (size_t i = 1; i < templates->count; i++)
		if (templates->v[i].used < oldest->used)
			oldest = &templates->v[i];
	template_done(oldest);
	return oldest;
}

static bool is_key(const struct str *a, const struct str *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static struct template *find(struct templates *templates, struct str *key)
{
	struct template *new;

	for (size_t i = 0; i < templates->count; i++)
		if (is_key(&templates->v[i].key, key))
			return &templates->v[i];
	new = place(templates);
	*new = (struct template){.key = *key, .fd = {-1, -1, -1}};
	*key = (struct str){0};
	return new;
}

/* Which things of the host the template shows, not only where they are: a template holds them, so that their numbers
 * stay theirs. */
static void add_sources(const struct plan *plan, const uint8_t *marks, struct str *key)
{
	for (size_t i = 0; i < plan->count; i++) {
		uint64_t source[2] = {0};
		struct stat st;

		if (plan->step[i].kind != STEP_BIND || !(marks[i] & SHARE_TEMPLATE))
			continue;
		if (lstat(plan_text(plan, plan->step[i].a), &st) == 0) {
			source[0] = st.st_dev;
			source[1] = st.st_ino;
		}
		str_add_bytes(key, source, sizeof source);
	}
}

static void make_key(const struct plan *plan, const uint8_t *marks, struct str *ret)
{
	share_key(plan, marks, ret);
	add_sources(plan, marks, ret);
}

/* A container may allow that namespaces are made, but not that one is entered. */
static bool can_be_entered(const struct template *template)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(enter(template) < 0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && status == 0;
}

/* True if it shows what its key says: something may have been replaced meanwhile. */
static bool make_as_keyed(const struct plan *plan, const uint8_t *marks, struct template *t)
{
	autostr struct str key = {0};
	struct err why_not = {0};

	if (make(plan, marks, t, &why_not) < 0 || !can_be_entered(t))
		return false;
	make_key(plan, marks, &key);
	return is_key(&key, &t->key);
}

const struct template *templates_get(struct templates *templates, const struct plan *plan, const uint8_t *marks)
{
	autostr struct str key = {0};
	struct template *t;

	if (mounts_changed(templates))
		forget_all(templates);
	make_key(plan, marks, &key);
	t = find(templates, &key);
	if (t->used && !t->made && !t->failed) {
		t->made = make_as_keyed(plan, marks, t);
		t->failed = !t->made;
		if (t->failed)
			close_namespaces(t);
	}
	t->used = ++templates->clock;
	return t->made ? t : NULL;
}
