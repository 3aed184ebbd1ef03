/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/services.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/socket.h"
#include "base/sys.h"
#include "run/monitor.h"

enum { READY_MS = 20000, END_MS = 5000, READY_FD = 3, LISTENER_FD = 4, MAX_WORDS = 256, BACKLOG = 64 };

/* --- the folder --- */
/* Whoever can lock one has found what a killed sbx has left: sockets and files, for no service may make a folder. */
static void sweep(int above)
{
	autostrv struct strv names = {0};

	if (fd_names(above, &names) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		autoclose int folder = openat(above, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) == 0)
			folder_remove(above, names.v[i]);
	}
}

static int make_folder(struct services *s, const char *path, const char *owner, struct err *e)
{
	int r;

	if (mkdirat(s->above, s->name, 0700) < 0)
		return err_errno(e, errno, "make folder '%s'", path);
	s->folder = openat(s->above, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->folder < 0 || flock(s->folder, LOCK_EX | LOCK_NB) < 0)
		return err_errno(e, errno, "lock folder '%s'", path);
	r = fd_give(s->above, s->name, owner);
	return r < 0 ? err_errno(e, -r, "give folder '%s' away", path) : 0;
}

static int open_folder(struct services *s, const char *path, const char *owner, struct err *e)
{
	const char *name = strrchr(path, '/');
	autofree char *parent = xstrndup(path, (size_t)(name - path));
	int r = s->above = folder_own(parent, 077, e);

	if (r < 0)
		return r;
	/* nobody finds the new one between its being made and its being locked */
	if (flock(s->above, LOCK_EX) < 0)
		return err_errno(e, errno, "lock '%s'", parent);
	sweep(s->above);
	s->name = name + 1;
	r = make_folder(s, path, owner, e);
	(void)flock(s->above, LOCK_UN);
	return r;
}

/* --- the processes --- */
static void become(char *const *argv, int ready, int listener, int said) __attribute__((noreturn));
static void become(char *const *argv, int ready, int listener, int said)
{
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* out of the way of one another */
	autoclose int pipe_end = fcntl(ready, F_DUPFD_CLOEXEC, LISTENER_FD + 1),
		      socket = listener < 0 ? -1 : fcntl(listener, F_DUPFD_CLOEXEC, LISTENER_FD + 1);

	/* a session of its own: keys of the caller's terminal are not for it */
	if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(said, 2) < 0 ||
	    dup2(pipe_end, READY_FD) < 0 || (listener >= 0 && dup2(socket, LISTENER_FD) < 0))
		_exit(127);
	(void)execv(argv[0], argv);
	_exit(127);
}

/* By the folder's fd: its path may be longer than that of a socket. */
int services_listen(const struct monitor *m, const char *name, struct err *e)
{
	autofree char *path = xasprintf("/proc/self/fd/%d/%s", m->services.folder, name);

	return socket_listen(path, SOCK_STREAM | SOCK_NONBLOCK, BACKLOG, e);
}

static int start(const struct monitor *m, const struct step *step, struct service *ret, struct err *e)
{
	const char *data = plan_text(m->plan, step->data), *socket = plan_text(m->plan, step->b);
	autoclose int theirs = -1, listener = -1;
	char *argv[MAX_WORDS];
	size_t count = 0;
	int ends[2];

	for (const char *word = data; word < data + step->size && count < MAX_WORDS - 1; word += strlen(word) + 1)
		argv[count++] = (char *)(uintptr_t)word; /* execv writes none of them */
	argv[count] = NULL;
	*ret = (struct service){
		.pidfd = -1, .ready = -1, .said = -1, .name = plan_text(m->plan, step->a), .listens = socket[0]};
	ret->said = child_file(NULL, e);
	if (ret->said < 0)
		return ret->said;
	if (ret->listens)
		listener = services_listen(m, socket, e);
	if (ret->listens && listener < 0)
		return listener;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	ret->ready = ends[0];
	theirs = ends[1];
	ret->pid = fork();
	if (ret->pid == 0)
		become(argv, theirs, listener, ret->said);
	if (ret->pid < 0) {
		ret->pid = 0;
		return err_errno(e, errno, "make a process");
	}
	/* our child: its pid is its own until we wait for it */
	ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
	return ret->pidfd < 0 ? err_errno(e, errno, "pidfd_open") : 0;
}

int services_write(const struct monitor *m, const char *name, const void *bytes, size_t size, struct err *e)
{
	autoclose int file =
		openat(m->services.folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = file < 0 || fchmod(file, 0644) < 0 ? -errno : fd_write(file, bytes, size);

	return r < 0 ? err_errno(e, -r, "write '%s'", name) : 0;
}

/* What is there before a service starts; then these, which make themselves ready side by side. */
static int do_step(struct monitor *m, const struct step *step, bool starts, struct err *e)
{
	struct services *s = &m->services;

	if (step->kind == STEP_SERVICE_FILE && !starts)
		return services_write(m, plan_text(m->plan, step->a), plan_text(m->plan, step->data), step->size, e);
	if (step->kind == STEP_X11_UNTRUSTED && !starts)
		return display_x11(m, step, e);
	if (step->kind == STEP_WAYLAND_CONTEXT && !starts)
		return display_wayland(m, step, e);
	return step->kind == STEP_SERVICE && starts ? start(m, step, &s->v[s->count++], e) : 0;
}

int services_start(struct monitor *m, struct err *e)
{
	const struct step *folder = plan_find(m->plan, STEP_SERVICES);
	struct services *s = &m->services;
	int r = folder ? open_folder(s, plan_text(m->plan, folder->a), plan_text(m->plan, folder->b), e) : 0;

	if (!folder || r < 0)
		return r;
	s->v = xcalloc(m->plan->count, sizeof *s->v);
	for (int starts = 0; starts < 2; starts++) {
		for (size_t i = 0; i < m->plan->count; i++) {
			const struct step *step = &m->plan->step[i];

			if (do_step(m, step, starts, e) < 0)
				return err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name,
						  plan_text(m->plan, step->why));
		}
	}
	return 0;
}

/* It has ended, and will not be ready. */
static int explain(struct service *service, struct err *e)
{
	autostr struct str said = {0};
	siginfo_t info = {0};
	struct err none = {0};
	int status;

	while (waitid(P_PID, (id_t)service->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	(void)child_said(service->said, 1 << 16, &said, &none);
	return child_failed(service->name, status, &said, e);
}

static int wait_for(struct monitor *m, struct service *service, int64_t until, struct err *e)
{
	enum { READY, GONE, SIGNALS, SLOTS };
	struct pollfd slots[SLOTS] = {[READY] = {.fd = service->ready, .events = POLLIN},
				      [GONE] = {.fd = service->pidfd, .events = POLLIN},
				      [SIGNALS] = {.fd = m->signals, .events = POLLIN}};
	char word[64];

	for (;;) {
		int64_t left = (until - clock_ns(CLOCK_MONOTONIC)) / 1000000;
		int n = poll(slots, SLOTS, left > 0 ? (int)left : 0);

		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for the %s", service->name);
		if (n > 0 && slots[READY].revents & POLLIN && read(service->ready, word, sizeof word) > 0)
			return 0;
		if (n > 0 && slots[GONE].revents)
			return explain(service, e);
		if (n > 0 && slots[SIGNALS].revents)
			return err_set(e, EINTR, "interrupted before the command ran");
		if (n == 0)
			return err_set(e, ETIMEDOUT, "the %s is not ready after %d seconds", service->name,
				       READY_MS / 1000);
		if (n > 0 && slots[READY].revents) /* it has closed its end, and will end */
			slots[READY].fd = -1;
	}
}

int services_wait(struct monitor *m, bool listens, struct err *e)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + READY_MS * (int64_t)1000000;

	for (size_t i = 0; i < m->services.count; i++)
		if (m->services.v[i].listens == listens && wait_for(m, &m->services.v[i], until, e) < 0)
			return -e->code;
	return 0;
}

static void end(struct service *service)
{
	struct pollfd gone = {.fd = service->pidfd, .events = POLLIN};
	int n;

	if (service->pid) {
		do
			n = service->pidfd < 0 ? 0 : poll(&gone, 1, END_MS);
		while (n < 0 && errno == EINTR);
		if (n <= 0)
			(void)kill(service->pid, SIGKILL);
		while (waitpid(service->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	mem_close_ptr(&service->pidfd);
	mem_close_ptr(&service->said);
}

/* One that can't be waited for has not ended. */
static bool has_ended(const struct service *service)
{
	siginfo_t info = {0};

	return service->pid && waitid(P_PID, (id_t)service->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid;
}

void services_end(struct monitor *m)
{
	struct services *s = &m->services;

	for (size_t i = 0; i < s->count && i < 8 * sizeof m->outcome->services_ended; i++)
		if (has_ended(&s->v[i])) /* nobody asked it to */
			m->outcome->services_ended |= 1U << i;
	for (size_t i = 0; i < s->count; i++) {
		mem_close_ptr(&s->v[i].ready);
		if (s->v[i].pid)
			(void)kill(s->v[i].pid, SIGTERM);
	}
	for (size_t i = 0; i < s->count; i++)
		end(&s->v[i]);
	displays_end(m);
	if (s->folder >= 0)
		folder_remove(s->above, s->name);
	mem_close_ptr(&s->folder);
	mem_close_ptr(&s->above);
	free(s->v);
	*s = (struct services)SERVICES_NONE;
}
