/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exec: the last steps of the payload's process before it is the payload. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"
#include "init/steps.h"

int do_chdir(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *path = plan_text(s->plan, step->a);

	if (chdir(path) < 0)
		return err_errno(e, errno, "enter the working directory '%s'", path);
	return 0;
}

int do_filter(struct sandbox *s, const struct step *step, struct err *e)
{
	struct sock_fprog program = {
		.len = (unsigned short)(step->size / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)(uintptr_t)plan_text(s->plan, step->data),
	};
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, step->n, &program);

	if (r < 0)
		return err_errno(e, errno, "load the system call filter");
	if (step->n & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		s->listener = (int)r;
	return 0;
}

static size_t count_texts(const struct sandbox *s, const struct step *step)
{
	const char *start = plan_text(s->plan, step->data);
	size_t count = 0;

	for (const char *p = start; p < start + step->size; p += strlen(p) + 1)
		count++;
	return count;
}

/* The NUL-ended texts of a step as a NULL-terminated vector at `v`; the texts are the plan's. Returns what is behind
 * it.
 */
static char **put_texts(const struct sandbox *s, const struct step *step, char **v)
{
	char *start = (char *)(uintptr_t)plan_text(s->plan, step->data);

	for (char *p = start; p < start + step->size; p += strlen(p) + 1)
		*v++ = p;
	*v++ = NULL;
	return v;
}

/* No memory is asked for once the filter is on. It is the monitor's too, and stays after the exec: init gives it back.
 */
int do_environment(struct sandbox *s, const struct step *step, struct err *e)
{
	const struct step *exec = plan_find(s->plan, STEP_EXEC);
	size_t size = (count_texts(s, step) + count_texts(s, exec) + 2) * sizeof *s->environ;
	char **texts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (texts == MAP_FAILED)
		return err_errno(e, errno, "make room for the environment and the arguments");
	s->environ = texts;
	s->argv = put_texts(s, step, texts);
	(void)put_texts(s, exec, s->argv);
	s->texts_size = size;
	return 0;
}

int do_close_fds(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)step;
	/* the table is shared with init until the exec, so nothing is closed here: marked, for the exec to close */
	if (sys_close_range(3, ~0U, SYS_CLOSE_RANGE_CLOEXEC) < 0)
		return err_errno(e, errno, "close what was inherited");
	for (size_t i = 0; i < s->plan->count; i++) {
		const struct step *keep = &s->plan->step[i];

		/* of a command that joins, the numbers are those of fds of sbx */
		if (s->marks && !(s->marks[i] & s->share))
			continue;
		if (keep->kind == STEP_KEEP_FD && fcntl((int)keep->n, F_SETFD, 0) < 0)
			return err_errno(e, errno, "keep fd %llu", (unsigned long long)keep->n);
	}
	return 0;
}

static void try_exec(const char *path, char **argv, char **environment)
{
	(void)syscall(SYS_execve, path, argv, environment, (long)PLAN_EXEC_MARK);
}

/* execve in each folder of the search path, as execvp does; the path is the sandbox's, never the caller's. */
static int exec_search(struct sandbox *s, const char *folders)
{
	int result = ENOENT;

	while (*folders) {
		size_t len = strcspn(folders, ":");
		char path[PATH_MAX];
		int n = snprintf(path, sizeof path, "%.*s/%s", (int)len, folders, s->argv[0]);

		errno = ENAMETOOLONG;
		s->exec_folder++;
		if ((size_t)n < sizeof path)
			try_exec(path, s->argv, s->environ);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return errno;
		if (errno == EACCES)
			result = EACCES;
		folders += len + (folders[len] == ':');
	}
	return result;
}

/* Found in the search path, but an EACCES may also come from a folder that can't be looked into: the better name wins.
 */
int do_exec(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *folders = plan_text(s->plan, step->a);
	int code;

	s->payload_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	s->exec_time_ns = clock_ns(CLOCK_MONOTONIC);
	if (*folders && !strchr(s->argv[0], '/')) {
		code = exec_search(s, folders);
	} else {
		try_exec(s->argv[0], s->argv, s->environ);
		code = errno;
	}
	s->exec_errno = code;
	(void)err_errno(e, code, "execute '%s'", s->argv[0]);
	if (code == ENOENT)
		return err_hint(e, "is it shown by the profile? see --explain");
	return -code;
}
