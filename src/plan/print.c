/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* print: --explain. */
#include <string.h>
#include <sys/types.h>

#include "base/json.h"
#include "base/mem.h"
#include "plan/operands.h"

static const char *const actors[] = {"monitor", "init", "payload"};

static void add_text(struct str *out, const char *name, const char *text)
{
	autofree char *line = NULL;
	size_t len = strlen(text);

	if (!name || !*text)
		return;
	line = xstrndup(text, len - (text[len - 1] == '\n')); /* maps end with a line end */
	str_addf(out, " %s=", name);
	str_add_escaped(out, line, true);
}

static void add_number(struct str *out, const char *name, enum operand_format format, uint64_t value)
{
	if (!name || (format == FORMAT_FLAG && !value))
		return;
	str_addf(out, " %s=", name);
	operand_number(out, format, value);
}

static void print_step(const struct plan *plan, size_t index, struct str *out)
{
	const struct step *step = &plan->step[index];
	const struct operands *is = &operands[step->kind];
	autostr struct str line = {0};

	str_addf(&line, "%4zu  %-7s  %-17s", index + 1, actors[step_info[step->kind].actor],
		 step_info[step->kind].name);
	add_text(&line, is->a, plan_text(plan, step->a));
	add_text(&line, is->b, plan_text(plan, step->b));
	add_number(&line, is->n.name, is->n.format, step->n);
	add_number(&line, is->m.name, is->m.format, step->m);
	if (is->data.name && step->size) {
		str_addf(&line, " %s=", is->data.name);
		operand_data(&line, is->data.format, plan_text(plan, step->data), step->size);
	}
	str_addf(out, "%s%*s  # ", line.s, line.len < 88 ? (int)(88 - line.len) : 0, "");
	str_add_escaped(out, plan_text(plan, step->why), true);
	str_add(out, "\n");
}

void plan_print(const struct plan *plan, struct str *out)
{
	for (size_t i = 0; i < plan->count; i++)
		print_step(plan, i, out);
}

static void json_number(struct json *object, const char *name, enum operand_format format, uint64_t value)
{
	autostr struct str text = {0};

	if (!name || (format == FORMAT_FLAG && !value))
		return;
	if (format == FORMAT_NUMBER || format == FORMAT_FLAG || format == FORMAT_BYTES || format == FORMAT_TIME) {
		json_add_uint(object, name, value);
		return;
	}
	operand_number(&text, format, value);
	json_add_string(object, name, text.s);
}

/* Texts and groups as a list; of other bytes, how many there are: instructions of a filter, bytes of a file. */
static void json_data(struct json *object, const char *name, enum operand_format format, const char *bytes, size_t size)
{
	struct json *list;

	if (format != FORMAT_TEXTS && format != FORMAT_NAMES && format != FORMAT_GROUPS) {
		json_add_uint(object, name, operand_count(format, size));
		return;
	}
	list = json_new_array();
	for (const char *p = bytes; p < bytes + size;) {
		if (format == FORMAT_GROUPS) {
			json_append_uint(list, operand_group(p));
			p += sizeof(gid_t);
		} else {
			autofree char *text = xstrndup(p, format == FORMAT_NAMES ? strcspn(p, "=") : strlen(p));

			json_append_string(list, text);
			p += strlen(p) + 1;
		}
	}
	json_add(object, name, list);
}

static struct json *json_step(const struct plan *plan, size_t index)
{
	const struct step *step = &plan->step[index];
	const struct operands *is = &operands[step->kind];
	struct json *object = json_new_object();

	json_add_uint(object, "step", index + 1);
	json_add_string(object, "actor", actors[step_info[step->kind].actor]);
	json_add_string(object, "do", step_info[step->kind].name);
	if (is->a && step->a)
		json_add_string(object, is->a, plan_text(plan, step->a));
	if (is->b && step->b)
		json_add_string(object, is->b, plan_text(plan, step->b));
	json_number(object, is->n.name, is->n.format, step->n);
	json_number(object, is->m.name, is->m.format, step->m);
	if (is->data.name && step->size)
		json_data(object, is->data.name, is->data.format, plan_text(plan, step->data), step->size);
	json_add_string(object, "why", plan_text(plan, step->why));
	return object;
}

void plan_print_json(const struct plan *plan, struct str *out)
{
	struct json *top = json_new_object(), *steps = json_new_array();

	json_add_uint(top, "sbx", 1);
	for (size_t i = 0; i < plan->count; i++)
		json_append(steps, json_step(plan, i));
	json_add(top, "steps", steps);
	json_print(top, out);
	json_done(top);
}
