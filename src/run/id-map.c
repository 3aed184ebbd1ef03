/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/id-map.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"

enum { WORDS = 16, TEXT = 256, HELPER_FAILED = 127 };

/* What a helper is started with, and what it says. */
struct helper {
	const char *path;
	char *argv[WORDS];
	char pid[16], map[TEXT]; /* argv points into them */
	char said[TEXT];
};

/* The words of the map are those of the command line: newuidmap(1). */
static int fill(struct helper *helper, pid_t pid, const char *map, struct err *e)
{
	char *rest = NULL;
	size_t count = 2;

	if (strlen(map) >= sizeof helper->map)
		return err_set(e, E2BIG, "the map of ids is too long for %s", helper->path);
	(void)snprintf(helper->pid, sizeof helper->pid, "%d", pid);
	(void)strncpy(helper->map, map, sizeof helper->map - 1);
	helper->argv[0] = (char *)(uintptr_t)helper->path;
	helper->argv[1] = helper->pid;
	for (char *word = strtok_r(helper->map, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
		if (count == WORDS - 1)
			return err_set(e, E2BIG, "the map of ids is too long for %s", helper->path);
		helper->argv[count++] = word;
	}
	return 0;
}

/* In the child of a process with threads: system calls only. */
static void execute(const struct helper *helper, int program, int said) __attribute__((noreturn));
static void execute(const struct helper *helper, int program, int said)
{
	char *const environment[] = {NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)sigemptyset(&none);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(said, 2) < 0 ||
	    sys_close_range(3, ~0U, SYS_CLOSE_RANGE_CLOEXEC) < 0 || sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		_exit(HELPER_FAILED);
	(void)syscall(SYS_execveat, program, "", helper->argv, environment, AT_EMPTY_PATH);
	_exit(HELPER_FAILED);
}

static bool is_interrupted(struct monitor *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof info) != sizeof info || !monitor_is_fatal((int)info.ssi_signo))
		return false;
	m->outcome->signal = (int)info.ssi_signo;
	return true;
}

/* Until the helper has closed its end: it has ended. What is too long is read and forgotten. */
static int listen_to(struct monitor *m, struct helper *helper, int said, struct err *e)
{
	size_t len = 0;

	for (;;) {
		struct pollfd events[] = {{.fd = said, .events = POLLIN}, {.fd = m->signals, .events = POLLIN}};
		char text[TEXT];
		ssize_t n;

		if (poll(events, countof(events), -1) < 0) {
			if (errno != EINTR)
				return err_errno(e, errno, "wait for %s", helper->path);
			continue;
		}
		if (events[1].revents && is_interrupted(m))
			return err_set(e, EINTR, "interrupted before the command ran");
		if (!events[0].revents)
			continue;
		n = read(said, text, sizeof text);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "listen to %s", helper->path);
		for (ssize_t i = 0; i < n && len < sizeof helper->said - 1; i++)
			helper->said[len++] = text[i];
	}
}

static int judge(const struct helper *helper, int status, struct err *e)
{
	const char *why = helper->said[0] ? helper->said : "it has failed, or could not be run";

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	(void)err_set(e, EPERM, "map the ids of the sandbox by %s: %.*s", helper->path, (int)strcspn(why, "\n"), why);
	return err_hint(
		e, "it must be setuid root, sbx must not run under no_new_privs, and the caller's group must be the "
		   "one of /etc/passwd; see `sbxctl doctor`");
}

static int run(struct monitor *m, struct helper *helper, struct err *e)
{
	autoclose int program = open(helper->path, O_PATH | O_CLOEXEC), said = -1, saying = -1;
	int ends[2], status = -1, r;
	pid_t child;

	if (program < 0)
		return err_errno(e, errno, "open %s", helper->path);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	said = ends[0];
	saying = ends[1];
	child = fork();
	if (child < 0)
		return err_errno(e, errno, "make a process for %s", helper->path);
	if (child == 0)
		execute(helper, program, saying);
	mem_close_ptr(&saying);
	saying = -1;
	r = listen_to(m, helper, said, e);
	if (r < 0)
		(void)kill(child, SIGKILL); /* setuid or not, its real id is the caller's */
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return r < 0 ? r : err_errno(e, errno, "wait for %s", helper->path);
	return r < 0 ? r : judge(helper, status, e);
}

static int have_helpers_do_it(struct monitor *m, const struct step *map, const struct step *by, struct err *e)
{
	struct helper uids = {.path = plan_text(m->plan, by->a)}, gids = {.path = plan_text(m->plan, by->b)};
	int r = fill(&uids, m->init, plan_text(m->plan, map->a), e);

	if (r == 0)
		r = fill(&gids, m->init, plan_text(m->plan, map->b), e);
	if (r == 0)
		r = run(m, &uids, e);
	return r < 0 ? r : run(m, &gids, e);
}

int id_map_write(struct monitor *m, const struct step *map, struct err *e)
{
	const struct step *by = plan_find(m->plan, STEP_ID_HELPER);
	char path[64];
	int r;

	if (by)
		return have_helpers_do_it(m, map, by, e);
	(void)snprintf(path, sizeof path, "/proc/%d/uid_map", m->init);
	r = fd_write_file(AT_FDCWD, path, plan_text(m->plan, map->a));
	(void)snprintf(path, sizeof path, "/proc/%d/gid_map", m->init);
	if (r == 0)
		r = fd_write_file(AT_FDCWD, path, plan_text(m->plan, map->b));
	return r < 0 ? err_errno(e, -r, "map the ids of the sandbox") : 0;
}
