/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policy: the door by which every value comes in, and what is read of them. */
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/suggest.h"
#include "policy/value.h"

/* What one call of policy_set is about. */
struct assignment {
	struct policy *policy;
	enum setting_id id;
	const struct variables *vars;
	const char *base; /* relative paths of the command line stand below it; NULL in a file */
	struct origin origin;
};

void errlist_add(struct errlist *list, const struct err *e)
{
	list->v = xgrow(list->v, list->count, &list->cap, sizeof *list->v);
	list->v[list->count++] = *e;
}

void errlist_done(struct errlist *list)
{
	free(list->v);
	*list = (struct errlist){0};
}

const char *origin_text(struct origin origin, char *buf, size_t size)
{
	if (!origin.file)
		(void)snprintf(buf, size, "default");
	else if (!origin.line)
		(void)snprintf(buf, size, "%s", origin.file);
	else
		(void)snprintf(buf, size, "%s:%u", origin.file, origin.line);
	return buf;
}

/* The same text in the policy's own pool. */
static const char *intern(struct policy *p, const char *file)
{
	if (!file)
		return NULL;
	for (size_t i = p->pool.count; i > 0; i--)
		if (str_eq(p->pool.v[i - 1], file))
			return p->pool.v[i - 1];
	strv_add(&p->pool, file);
	return p->pool.v[p->pool.count - 1];
}

static void remove_value(struct entry *entry, size_t i)
{
	value_done(&entry->v[i]);
	entry->count--;
	memmove(&entry->v[i], &entry->v[i + 1], (entry->count - i) * sizeof *entry->v);
}

static void forget(struct entry *entry)
{
	while (entry->count)
		remove_value(entry, entry->count - 1);
}

/* Takes over `value`. An older one that says the same goes: the newest layer and origin count. */
static void append(const struct assignment *a, struct value *value)
{
	struct entry *entry = &a->policy->entry[a->id];

	for (size_t i = entry->count; i > 0; i--)
		if (!settings[a->id].many || value_same(&entry->v[i - 1], value))
			remove_value(entry, i - 1);
	value->layer = a->policy->layer;
	value->origin = a->origin;
	entry->v = xgrow(entry->v, entry->count, &entry->cap, sizeof *entry->v);
	entry->v[entry->count++] = *value;
}

/* A word "-x" and the name of "NAME=VALUE" are also found without their sign and value. */
static bool names_value(enum setting_id id, const struct value *value, const struct value *wanted)
{
	size_t len = strlen(wanted->text);

	if (value_same(value, wanted))
		return true;
	if (settings[id].type == TYPE_WORDS && value->text[0] == '-')
		return str_eq(value->text + 1, wanted->text);
	return id == SET_environment_set && str_starts(value->text, wanted->text) && value->text[len] == '=';
}

/* '!': takes one item away. */
static int take_away(const struct assignment *a, const struct value *wanted, struct err *e)
{
	struct entry *entry = &a->policy->entry[a->id];
	autofree const char **names = xcalloc(entry->count, sizeof *names);
	const char *nearest;
	size_t before = entry->count;

	for (size_t i = entry->count; i > 0; i--)
		if (names_value(a->id, &entry->v[i - 1], wanted))
			remove_value(entry, i - 1);
	if (entry->count < before)
		return 0;
	for (size_t i = 0; i < entry->count; i++)
		names[i] = entry->v[i].text;
	(void)err_set(e, ENOENT, "'!%s%s%s' takes away what is not there", wanted->text, wanted->target ? ":" : "",
		      wanted->target ? wanted->target : "");
	nearest = suggest(wanted->text, names, entry->count);
	return nearest ? err_hint(e, "did you mean '!%s'?", nearest) : -ENOENT;
}

/* True if `text` asks for a layer that this version does not have. */
static bool is_later(const struct setting *setting, const char *text)
{
	autostrv struct strv words = {0};

	if (!setting->later)
		return false;
	if (!*setting->later)
		return !str_eq(text, "no") && !str_eq(text, "none");
	value_words(setting->later, '\0', &words);
	return strv_has(&words, text);
}

/* One item: the whole text of most types, a word of TYPE_WORDS. */
static int set_one(const struct assignment *a, const char *text, struct err *e)
{
	const struct setting *setting = &settings[a->id];
	bool away = setting->many && *text == '!';
	struct value value = {0};
	int r;

	if (is_later(setting, text))
		return err_set(e, ENOTSUP, "'%s' belongs to a layer which is not in this version", text);
	text += away;
	if (!*text)
		return err_set(e, EINVAL, "'!' takes an item away: its name must follow");
	r = value_parse(a->id, text, a->vars, a->base, &value, e);
	if (r < 0)
		return r;
	if (!away && setting->later && !*setting->later && setting->type != TYPE_BOOL) {
		value_done(&value); /* "none" of something that is not there */
		return 0;
	}
	if (!away) {
		append(a, &value);
		return 0;
	}
	r = take_away(a, &value, e);
	value_done(&value);
	return r;
}

static int set_words(const struct assignment *a, const char *text, struct err *e)
{
	autostrv struct strv words = {0};

	value_words(text, a->id == SET_profile_best_effort ? ',' : '\0', &words);
	for (size_t i = 0; i < words.count; i++) {
		int r = set_one(a, words.v[i], e);

		if (r < 0)
			return r;
	}
	return words.count ? 0 : err_set(e, EINVAL, "there is no word in '%s'", text);
}

/* An empty value forgets: a list is empty then, anything else is what the table says. */
static int set_empty(const struct assignment *a, struct err *e)
{
	const struct setting *setting = &settings[a->id];
	struct value value = {0};
	int r;

	forget(&a->policy->entry[a->id]);
	if (setting->many || !setting->dflt)
		return 0;
	r = value_parse(a->id, setting->dflt, a->vars, NULL, &value, e);
	if (r == 0)
		append(a, &value);
	return r;
}

static int check_bytes(enum setting_type type, const char *text, struct err *e)
{
	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < 0x20 && !(*p == '\t' && type == TYPE_WORDS)) || *p == 0x7f)
			return err_set(e, EINVAL, "the value has a control byte (0x%02x) in it", (unsigned char)*p);
	return 0;
}

static int set_text(const struct assignment *a, const char *text, struct err *e)
{
	enum setting_type type = settings[a->id].type;
	int r = check_bytes(type, text, e);

	if (r < 0)
		return r;
	a->policy->entry[a->id].set = true;
	if (!*text)
		return set_empty(a, e);
	return type == TYPE_WORDS ? set_words(a, text, e) : set_one(a, text, e);
}

int policy_set(struct policy *p, enum setting_id id, const char *text, struct origin origin,
	       const struct variables *vars, struct err *e)
{
	const char *file = intern(p, origin.file);
	struct assignment a = {.policy = p, .id = id, .vars = vars, .origin = {file, origin.line}};
	char where[512];

	if (file && !origin.line)
		a.base = vars->cwd;
	if (set_text(&a, text, e) == 0)
		return 0;
	return err_prefix(e, "%s: %s.%s", origin_text(origin, where, sizeof where), settings[id].section,
			  settings[id].key);
}

int policy_defaults(struct policy *p, const struct variables *vars, struct err *e)
{
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		int r;

		if (!settings[id].dflt ||
		    (settings[id].later && !*settings[id].later && settings[id].type != TYPE_BOOL))
			continue;
		r = policy_set(p, (enum setting_id)id, settings[id].dflt, (struct origin){0}, vars, e);
		if (r < 0)
			return r;
		p->entry[id].set = false;
	}
	return 0;
}

void policy_done(struct policy *p)
{
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		forget(&p->entry[id]);
		free(p->entry[id].v);
	}
	strv_done(&p->pool);
	strv_done(&p->profiles);
	strv_done(&p->folders);
	for (size_t i = 0; i < p->openers; i++) {
		free(p->opener[i].profile);
		strv_done(&p->opener[i].opens);
		strv_done(&p->opener[i].commands);
	}
	free(p->opener);
	free(p->name);
	*p = (struct policy){0};
}

const struct value *policy_value(const struct policy *p, enum setting_id id)
{
	return p->entry[id].count ? &p->entry[id].v[0] : NULL;
}

const char *policy_text(const struct policy *p, enum setting_id id)
{
	const struct value *value = policy_value(p, id);

	return value ? value->text : NULL;
}

int64_t policy_number(const struct policy *p, enum setting_id id, int64_t fallback)
{
	const struct value *value = policy_value(p, id);

	return value ? value->number : fallback;
}

const char *policy_enum(const struct policy *p, enum setting_id id)
{
	return policy_text(p, id);
}

bool policy_is(const struct policy *p, enum setting_id id, const char *word)
{
	const char *text = policy_text(p, id);

	return text && str_eq(text, word);
}

bool policy_has(const struct policy *p, enum setting_id id, const char *item)
{
	for (size_t i = 0; i < p->entry[id].count; i++)
		if (str_eq(p->entry[id].v[i].text, item))
			return true;
	return false;
}
