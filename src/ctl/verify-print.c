/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-print: the result in plain words, and as the object that man/sbxctl.schema.json describes. */
#include "base/json.h"
#include "base/mem.h"
#include "ctl/verify.h"

enum { NAMES_MAX = 6 };

static const struct {
	const char *name, *things;
} groups[VERIFY_GROUPS] = {
	[GROUP_FILES_READ] = {"files", "files and folders of yours and of the system to read"},
	[GROUP_FILES_WRITTEN] = {"lasting", "places that keep what is written"},
	[GROUP_SOCKETS] = {"sockets", "sockets of services"},
	[GROUP_NETWORK] = {"network", "ways into the network"},
	[GROUP_PROCESSES] = {"processes", "ways to other processes"},
	[GROUP_DEVICES] = {"devices", "devices"},
	[GROUP_KERNEL] = {"kernel", "ways deeper into the kernel"},
	[GROUP_RIGHTS] = {"rights", "ways to more rights"},
	[GROUP_VARIABLES] = {"variables", "variables that look like secrets"},
};

static const struct {
	const char *word, *colour;
} states[] = {
	[STATE_NOTHING] = {"nothing", "\033[2m"},
	[STATE_CLOSED] = {"ok", "\033[32m"},
	[STATE_GRANTED] = {"granted", "\033[33m"},
	[STATE_HOLE] = {"HOLE", "\033[31m"},
};

static const char *const json_states[] = {"nothing", "closed", "granted", "hole"};

static void add_word(struct str *out, enum verify_state state, bool colour)
{
	str_addf(out, "%s%-8s%s ", colour ? states[state].colour : "", states[state].word, colour ? "\033[0m" : "");
}

/* What comes of it, in the words of whoever wrote the row; empty if it is fine. */
static const char *consequence(const struct item *item)
{
	if (item->state != STATE_HOLE)
		return "";
	return item->danger ? item->danger : "nothing in the profile asks for it";
}

/* Findings that differ only in the name are told in one sentence. */
static bool same_sentence(const struct item *a, const struct item *b)
{
	const char *why = a->reached->why ? a->reached->why : "", *other = b->reached->why ? b->reached->why : "";

	return str_eq(a->sentence, b->sentence) && str_eq(consequence(a), consequence(b)) && str_eq(why, other);
}

/* The item, and all like it that follow among `rest`, which are taken out. */
static void print_finding(const struct item **rest, size_t count, bool colour, struct str *out)
{
	const struct item *item = rest[0];
	autostr struct str names = {0};
	size_t more = 0, named = 0;

	for (size_t i = 0; i < count; i++) {
		if (!rest[i] || !same_sentence(item, rest[i]))
			continue;
		if (named < NAMES_MAX) {
			str_add(&names, named++ ? ", " : "");
			str_add_escaped(&names, rest[i]->name, true);
		} else {
			more++;
		}
		rest[i] = NULL;
	}
	str_add(out, "             ");
	add_word(out, item->state, colour);
	str_addf(out, "%s %s", item->sentence, names.s);
	if (more)
		str_addf(out, " and %zu more", more);
	str_addf(out, "%s%s", *consequence(item) ? ": " : "", consequence(item));
	if (item->reached->why) {
		str_add(out, " (");
		str_add_escaped(out, item->reached->why, true);
		str_add(out, ")");
	}
	str_add(out, "\n");
}

static void print_findings(const struct items *items, enum verify_group group, bool colour, struct str *out)
{
	autofree const struct item **found = xcalloc(items->count, sizeof *found);
	size_t count = 0;

	for (int state = STATE_HOLE; state >= STATE_GRANTED; state--)
		for (size_t i = 0; i < items->count; i++)
			if (items->v[i].group == group && (int)items->v[i].state == state)
				found[count++] = &items->v[i];
	for (size_t i = 0; i < count; i++)
		if (found[i])
			print_finding(found + i, count - i, colour, out);
}

static void print_group(const struct items *items, enum verify_group group, bool colour, struct str *out)
{
	size_t tried, closed;
	enum verify_state worst = judge_group(items, group, &tried, &closed);

	str_add(out, "  ");
	add_word(out, worst, colour);
	str_addf(out, "%-9s ", groups[group].name);
	if (worst == STATE_NOTHING)
		str_addf(out, "nothing to reach: you have none of these yourself: %s\n", groups[group].things);
	else
		str_addf(out, "closed: %zu of %zu %s\n", closed, tried, groups[group].things);
	print_findings(items, group, colour, out);
}

enum verify_state verify_worst(const struct items *items)
{
	enum verify_state worst = STATE_NOTHING;

	for (size_t i = 0; i < items->count; i++)
		if (items->v[i].state > worst)
			worst = items->v[i].state;
	return worst;
}

static size_t holes(const struct items *items)
{
	size_t count = 0;

	for (size_t i = 0; i < items->count; i++)
		count += items->v[i].state == STATE_HOLE;
	return count;
}

void verify_print(const struct verified *verified, bool colour, bool quiet, struct str *out)
{
	size_t count = verified->error ? 0 : holes(verified->items);

	for (int group = 0; !verified->error && !quiet && group < VERIFY_GROUPS; group++)
		print_group(verified->items, (enum verify_group)group, colour, out);
	str_add_escaped(out, verified->profile, true);
	if (verified->error)
		str_addf(out, ": %snot verified%s\n", colour ? states[STATE_HOLE].colour : "", colour ? "\033[0m" : "");
	else if (count)
		str_addf(out, ": %s%zu hole%s%s\n", colour ? states[STATE_HOLE].colour : "", count,
			 count == 1 ? "" : "s", colour ? "\033[0m" : "");
	else
		str_addf(out, ": %sno hole%s\n", colour ? states[STATE_CLOSED].colour : "", colour ? "\033[0m" : "");
}

static struct json *json_item(const struct item *item)
{
	struct json *object = json_new_object();
	autostr struct str text = {0};

	if (item->reached)
		str_addf(&text, "%s %s%s%s", item->sentence, item->name, *consequence(item) ? ": " : "",
			 consequence(item));
	json_add_string(object, "name", item->name);
	json_add_string(object, "state", json_states[item->state]);
	json_add_string(object, "text", text.s);
	json_add_string(object, "why", item->reached ? item->reached->why : NULL);
	return object;
}

static struct json *json_group(const struct items *items, enum verify_group group)
{
	struct json *object = json_new_object(), *list = json_new_array();
	size_t tried, closed;

	json_add_string(object, "group", groups[group].name);
	json_add_string(object, "state", json_states[judge_group(items, group, &tried, &closed)]);
	json_add_uint(object, "tried", tried);
	json_add_uint(object, "closed", closed);
	for (size_t i = 0; i < items->count; i++)
		if (items->v[i].group == group)
			json_append(list, json_item(&items->v[i]));
	json_add(object, "items", list);
	return object;
}

struct json *verify_json(const struct verified *verified)
{
	struct json *object = json_new_object(), *list = json_new_array();

	json_add_string(object, "name", verified->profile);
	json_add_string(object, "verdict", verified->error ? "unverified" : holes(verified->items) ? "holes" : "ok");
	json_add_string(object, "error", verified->error ? verified->error->text : NULL);
	json_add(object, "laid_over", json_new_texts(verified->laid));
	for (int group = 0; !verified->error && group < VERIFY_GROUPS; group++)
		json_append(list, json_group(verified->items, (enum verify_group)group));
	json_add(object, "groups", list);
	return object;
}
