/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-show: sbxctl list, inspect and stats. */
#include "base/fd.h"
#include "base/mem.h"
#include "ctl/grant.h"
#include "ctl/live.h"
#include "plan/plan.h"

static void show_first(struct str *out, const struct json *value)
{
	const struct json *first = json_kind(value) == JSON_ARRAY && json_count(value) ? json_at(value, 0) : NULL;

	str_add_escaped(out, json_text(first) ? json_text(first) : "-", true);
}

/* The record but for its version, which the frame has. */
static void add_record(struct json *row, const struct json *record)
{
	autostrv struct strv names = {0};

	json_names(record, &names);
	for (size_t i = 0; i < names.count; i++)
		if (!str_eq(names.v[i], "sbx"))
			json_add(row, names.v[i], json_share(json_member(record, names.v[i])));
}

static struct json *row_of(const struct live_entry *entry)
{
	struct json *row = json_new_object();

	add_record(row, entry->record);
	json_add_string(row, "name", entry->name);
	json_add_string(row, "state", entry->monitor ? "running" : "ended");
	return row;
}

int ctl_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct column running[] = {{"NAME", "name", -24, NULL},
						{"PID", "monitor", 8, NULL},
						{"AGE", "since", 8, show_age},
						{"PROFILE", "profile", -12, show_first},
						{"COMMAND", "command", 0, show_words}};
	static const struct column all[] = {{"NAME", "name", -24, NULL},
					    {"STATE", "state", -8, NULL},
					    {"STATUS", "status", 6, NULL},
					    {"AGE", "since", 8, show_age},
					    {"PROFILE", "profile", -12, show_first},
					    {"COMMAND", "command", 0, show_words}};
	struct live_list list = {0};
	struct live_words words;
	struct err e = {0};
	struct rows rows;
	int status, r;

	if (!live_words_read(argc, argv, &words))
		return 2;
	rows_begin(&rows, "sandboxes", words.json);
	r = words.all ? live_known(ctl, &list, &e) : live_all(ctl, &list, &e);
	if (r == 0)
		r = live_pick(&list, &words.names, &e);
	status = r < 0 ? ctl_fail(&e, 1) : 0;
	for (size_t i = 0; r == 0 && i < list.count; i++)
		rows_add(&rows, row_of(&list.v[i]));
	live_list_done(&list);
	status = words.all ? rows_end(&rows, all, countof(all), status)
			   : rows_end(&rows, running, countof(running), status);
	live_words_done(&words);
	return status;
}

void live_use_add(struct json *row, const struct live_use *use)
{
	json_add_uint(row, "processes", use->processes);
	json_add_uint(row, "memory_bytes", use->memory);
	json_add_double(row, "cpu_s", (double)use->cpu_ns / NS_PER_SECOND);
}

/* The steps of the plan, as --explain=json has them. */
static struct json *steps_of(const struct plan *plan)
{
	autostr struct str text = {0};
	struct json *all = NULL, *steps;
	struct err none = {0};

	plan_print_json(plan, &text);
	(void)json_parse(&text, &all, &none);
	steps = json_share(json_member(all, "steps"));
	json_done(all);
	return steps;
}

/* The record, what runs in it, and the plan that it was made by. */
static int inspect(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	struct live_list one = {.v = (struct live_entry *)(uintptr_t)entry, .count = 1};
	autostr struct str bytes = {0};
	struct live_use *use;
	struct plan plan = {0};
	int r = live_plan(ctl->host.live, entry, &bytes, e);

	if (r == 0)
		r = plan_decode(&bytes, &plan, e);
	if (r < 0)
		return r;
	use = live_uses(&one);
	add_record(words->row, entry->record);
	json_add_string(words->row, "state", "running");
	json_print(words->row, words->text);
	str_addf(words->text, "\nprocesses: %llu, memory: %llu bytes, processor time: %.2f s\n",
		 (unsigned long long)use->processes, (unsigned long long)use->memory,
		 (double)use->cpu_ns / NS_PER_SECOND);
	r = grant_show(ctl, entry, words->row, words->text, e);
	str_add(words->text, "\n");
	plan_print(&plan, words->text);
	live_use_add(words->row, use);
	json_add(words->row, "plan", steps_of(&plan));
	plan_done(&plan);
	live_uses_done(use, 1);
	return r;
}

int ctl_inspect(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, inspect);
}
