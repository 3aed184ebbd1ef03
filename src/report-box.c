/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report-box.h"

#include <string.h>

static struct json *dropped(const struct carried *box)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < box->dropped && i < CARRY_LISTED; i++) {
		struct json *one = json_new_object();

		json_add_string(one, "name", box->list[i].name);
		json_add_string(one, "why", carry_word[box->list[i].why]);
		json_append(array, one);
	}
	return array;
}

/* The patterns for which nothing came, but for those that say so by a '?' at their end. */
static struct json *missing(const struct carried *box, const struct plan *plan)
{
	const struct step *step = plan_find(plan, STEP_CARRY);
	const char *at = plan_text(plan, step->data), *end = at + step->size;
	struct json *array = json_new_array();

	for (size_t i = 0; at < end && i < CARRY_PATTERNS; at += strlen(at) + 1, i++)
		if (!box->found[i] && at[strlen(at) - 1] != '?')
			json_append_string(array, at);
	return array;
}

struct json *report_box(const struct outcome *outcome, const struct policy *policy, const struct plan *plan)
{
	const struct carried *box = outcome->box;
	struct json *object;

	if (!box)
		return NULL;
	object = json_new_object();
	json_add_string(object, "name", policy_text(policy, SET_box_name));
	json_add_uint(object, "bytes", box->bytes);
	json_add_uint(object, "files", box->files);
	json_add_uint(object, "folders", box->folders);
	json_add_bool(object, "full", outcome->box_full);
	json_add(object, "dropped", dropped(box));
	json_add_uint(object, "dropped_count", box->dropped);
	json_add(object, "missing", missing(box, plan));
	return object;
}
