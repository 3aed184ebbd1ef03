/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-run: the probe is run twice, and its answers are read. An answer that is missing, twice there or not
 * understood is an error: nothing is told that was not seen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/mem.h"
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
	autoclose int in = child_file(&tasks->text, e), out = in < 0 ? -1 : child_file(NULL, e),
		      err = out < 0 ? -1 : child_file(NULL, e);
	autostr struct str said = {0}, answers = {0};
	int status;

	if (err < 0)
		return -e->code;
	status = child_run(argv, -1, (int[]){in, out, err}, e);
	if (status < 0 || child_said(err, OUTPUT_MAX, &said, e) < 0 || child_said(out, OUTPUT_MAX, &answers, e) < 0)
		return -e->code;
	return status ? child_failed(who, status, &said, e) : take_answers(tasks, &answers, e);
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
