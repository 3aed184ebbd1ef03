/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-run: the probe is run twice, and its answers are read. An answer that is missing, twice there or not
 * understood is an error: nothing is told that was not seen. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "base/units.h"
#include "ctl/verify.h"

enum { OUTPUT_MAX = 16 << 20 };

struct task {
	struct item *item;
	struct way *way; /* NULL: outside */
	bool answered;
};

struct tasks {
	struct task *v;
	size_t count, cap;
	struct str text; /* what the probe reads */
};

static void add_task(struct tasks *tasks, struct item *item, struct way *way)
{
	const char *argument = way ? way->argument : item->argument;

	tasks->v = xgrow(tasks->v, tasks->count, &tasks->cap, sizeof *tasks->v);
	str_addf(&tasks->text, "%zu", tasks->count);
	str_add_bytes(&tasks->text, "", 1);
	str_add_bytes(&tasks->text, item->verb, strlen(item->verb) + 1);
	str_add_bytes(&tasks->text, argument, strlen(argument) + 1);
	tasks->v[tasks->count++] = (struct task){.item = item, .way = way};
}

static void tasks_done(struct tasks *tasks)
{
	free(tasks->v);
	str_done(&tasks->text);
}

/* What the other end writes is kept in memory: nobody has to read while it runs. */
static int memory_file(const struct str *content, struct err *e)
{
	autoclose int fd = memfd_create("sbx-verify", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(e, errno, "make a file in memory");
	if (content && content->s && (fd_write(fd, content->s, content->len) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		return err_errno(e, errno, "write a file in memory");
	return take_fd(&fd);
}

static int read_memory_file(int fd, struct str *ret, struct err *e)
{
	char bytes[4096];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(e, errno, "read a file in memory");
	while ((n = read(fd, bytes, sizeof bytes)) > 0) {
		if (ret->len > OUTPUT_MAX)
			return err_set(e, EFBIG, "the probe says too much");
		str_add_bytes(ret, bytes, (size_t)n);
	}
	return n < 0 ? err_errno(e, errno, "read a file in memory") : 0;
}

static int wait_for(pid_t pid, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "wait for the probe");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs argv with the three files as its standard streams. Its exit status, or negative errno. */
static int run(char *const *argv, const int files[3], struct err *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_errno(e, errno, "make a process");
	if (pid == 0) {
		for (int fd = 0; fd < 3; fd++)
			if (dup2(files[fd], fd) < 0)
				_exit(127);
		(void)execv(argv[0], argv);
		_exit(127);
	}
	return wait_for(pid, e);
}

/* The first line of what was said, without the name of who said it. */
static int refuse(const char *who, int status, const struct str *said, struct err *e)
{
	const char *text = said->s ? said->s : "";

	if (str_starts(text, "sbx: "))
		text += strlen("sbx: ");
	if (!*text)
		return err_set(e, EIO, "%s ended with status %d", who, status);
	(void)err_set(e, EIO, "%s ended with status %d: %.*s", who, status, (int)strcspn(text, "\n"), text);
	text = strstr(text, "hint: ");
	if (text)
		(void)err_hint(e, "%.*s", (int)strcspn(text + strlen("hint: "), "\n"), text + strlen("hint: "));
	return -e->code;
}

static int take_answer(struct tasks *tasks, char *line, struct err *e)
{
	char *state = strchr(line, ' '), *text = state ? strchr(state + 1, ' ') : NULL;
	struct err none = {0};
	struct task *task;
	uint64_t id;

	if (!text)
		return err_set(e, EPROTO, "the probe says '%s'", line);
	*state++ = *text++ = '\0';
	if (units_number(line, tasks->count, &id, &none) < 0 || id >= tasks->count || tasks->v[id].answered)
		return err_set(e, EPROTO, "the probe answers what it was not asked: '%s'", line);
	task = &tasks->v[id];
	task->answered = true;
	if (str_eq(state, "closed"))
		return 0;
	if (!str_eq(state, "open"))
		return err_set(e, EIO, "the probe could not try '%s %s': %s", task->item->verb, task->item->argument,
			       text);
	*(task->way ? &task->way->identity : &task->item->identity) = xstrdup(text);
	return 0;
}

static int take_answers(struct tasks *tasks, struct str *out, struct err *e)
{
	char *rest = NULL;
	size_t answered = 0;
	bool done = false;

	for (char *line = out->s ? strtok_r(out->s, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
		int r;

		if (done)
			return err_set(e, EPROTO, "the probe goes on after its end");
		done = str_eq(line, "done open ");
		r = done ? 0 : take_answer(tasks, line, e);
		if (r < 0)
			return r;
		answered += !done;
	}
	if (!done || answered != tasks->count)
		return err_set(e, EIO, "the probe answered %zu of %zu questions", answered, tasks->count);
	return 0;
}

static int ask(struct tasks *tasks, const char *who, char *const *argv, struct err *e)
{
	autoclose int in = memory_file(&tasks->text, e), out = in < 0 ? -1 : memory_file(NULL, e),
		      err = out < 0 ? -1 : memory_file(NULL, e);
	autostr struct str said = {0}, answers = {0};
	int status;

	if (err < 0)
		return -e->code;
	status = run(argv, (int[]){in, out, err}, e);
	if (status < 0 || read_memory_file(err, &said, e) < 0 || read_memory_file(out, &answers, e) < 0)
		return -e->code;
	return status ? refuse(who, status, &said, e) : take_answers(tasks, &answers, e);
}

static void compare(struct item *item)
{
	for (size_t i = 0; i < item->ways; i++) {
		struct way *way = &item->way[i];

		way->open = way->identity && item->identity && str_eq(way->identity, item->identity);
	}
	judge(item);
}

int items_try(struct items *items, const char *probe, char *const *sandbox, struct err *e)
{
	autofree char *path = xstrdup(probe);
	char *control[] = {path, NULL};
	struct tasks outside = {0}, inside = {0};
	int r;

	for (size_t i = 0; i < items->count; i++) {
		add_task(&outside, &items->v[i], NULL);
		for (size_t j = 0; j < items->v[i].ways; j++)
			add_task(&inside, &items->v[i], &items->v[i].way[j]);
	}
	/* inside first: a launch makes the folders that a profile keeps, which are then looked for outside */
	r = ask(&inside, "the sandbox", sandbox, e);
	if (r == 0)
		r = ask(&outside, "the probe, outside of the sandbox,", control, e);
	for (size_t i = 0; r == 0 && i < items->count; i++)
		compare(&items->v[i]);
	tasks_done(&outside);
	tasks_done(&inside);
	return r;
}
