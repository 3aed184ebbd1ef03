/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/fuzz.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/variables-of-u.h"

bool fuzz_wrong;

const struct variables fuzz_variables = {VARIABLES_OF_U, .desktop = NULL};

void fuzz_fail(const char *file, int line, const char *text)
{
	(void)fprintf(stderr, "fuzz: %s:%d: does not hold: %s\n", file, line, text);
	abort();
}

uint64_t fuzz_take(struct fuzz_bytes *bytes, unsigned size)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < size && bytes->next < bytes->end; i++)
		number |= (uint64_t)*bytes->next++ << (8 * i);
	return number;
}

bool fuzz_next_part(struct fuzz_bytes *bytes, struct fuzz_part *ret)
{
	const uint8_t *nul;

	if (bytes->next >= bytes->end)
		return false;
	nul = memchr(bytes->next, 0, (size_t)(bytes->end - bytes->next));
	ret->text = (const char *)bytes->next;
	ret->size = (size_t)((nul ? nul : bytes->end) - bytes->next);
	bytes->next = nul ? nul + 1 : bytes->end;
	return true;
}

bool fuzz_is_normal(const char *path, bool root)
{
	autofree char *padded = xasprintf("%s/", path);
	size_t len = strlen(path);

	if (str_eq(path, "/"))
		return root;
	return path[0] == '/' && path[len - 1] != '/' && !strstr(padded, "//") && !strstr(padded, "/./") &&
	       !strstr(padded, "/../");
}

static bool is_clean(const char *text, bool tab)
{
	for (const unsigned char *p = (const void *)text; *p; p++)
		if ((*p < ' ' && !(tab && *p == '\t')) || *p == 0x7f)
			return false;
	return true;
}

/* The word of that number in a blank-separated list. */
static bool is_choice(const char *choices, int64_t number, const char *text)
{
	size_t len = strlen(text);

	while (number-- > 0) {
		choices = strchr(choices, ' ');
		if (!choices)
			return false;
		choices++;
	}
	return strncmp(choices, text, len) == 0 && (choices[len] == ' ' || choices[len] == '\0');
}

static bool is_one_of(const char *words, const char *text)
{
	autofree char *padded = xasprintf(" %s ", words), *word = xasprintf(" %s ", text);

	return strstr(padded, word);
}

static bool is_word(const char *text)
{
	return *text && !strpbrk(text, " \t");
}

static void check_value(const struct setting *setting, const struct value *value)
{
	static const int64_t most[] = {[TYPE_BOOL] = 1,
				       [TYPE_SIZE] = INT64_C(1) << 62,
				       [TYPE_TIME] = INT64_C(1000000000) * 1000000000,
				       [TYPE_COUNT] = UINT32_MAX,
				       [TYPE_OCTAL] = 0777,
				       [TYPE_PERCENT] = 100000,
				       [TYPE_CPUS] = 0};
	bool path = setting->type == TYPE_PATH || setting->type == TYPE_RULE;

	FUZZ_CHECK(value->text && is_clean(value->text, false));
	FUZZ_CHECK(!path || (fuzz_is_normal(value->text, true) && strlen(value->text) < PATH_MAX));
	FUZZ_CHECK(!value->target || setting->type == TYPE_RULE);
	FUZZ_CHECK(!value->target || (fuzz_is_normal(value->target, true) && is_clean(value->target, false)));
	FUZZ_CHECK(!value->optional || path);
	FUZZ_CHECK(setting->type != TYPE_WORDS || is_word(value->text));
	if (setting->type == TYPE_ENUM)
		FUZZ_CHECK(is_choice(setting->choices, value->number, value->text));
	else if (setting->type < countof(most))
		FUZZ_CHECK(value->number >= 0 && value->number <= most[setting->type]);
	/* what is not in this version is refused, and never only passed over */
	if (setting->later && !*setting->later)
		FUZZ_CHECK(setting->type == TYPE_BOOL && value->number == 0);
	else if (setting->later)
		FUZZ_CHECK(!is_one_of(setting->later, value->text));
}

static void check_entry(const struct policy *policy, enum setting_id id)
{
	const struct entry *entry = &policy->entry[id];

	FUZZ_CHECK(settings[id].many || entry->count <= 1);
	for (size_t i = 0; i < entry->count; i++) {
		const struct value *value = &entry->v[i];

		check_value(&settings[id], value);
		FUZZ_CHECK(value->layer <= policy->layer);
		FUZZ_CHECK(!i || entry->v[i - 1].layer <= value->layer);
		for (size_t j = 0; j < i; j++)
			FUZZ_CHECK(!str_eq(entry->v[j].text, value->text) || value->target || entry->v[j].target);
	}
}

void fuzz_check_policy(const struct policy *policy)
{
	for (unsigned id = 0; id < SETTING_COUNT; id++)
		check_entry(policy, (enum setting_id)id);
}

static bool each(const struct policy *policy, enum setting_id id, bool (*is_right)(const char *text))
{
	for (size_t i = 0; i < policy->entry[id].count; i++)
		if (!is_right(policy->entry[id].v[i].text))
			return false;
	return true;
}

static bool is_port(const char *text)
{
	unsigned long port = 0;

	if (str_eq(text, "none"))
		return true;
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || port > 65535)
			return false;
		port = port * 10 + (unsigned long)(*p - '0');
	}
	return port >= 1 && port <= 65535;
}

static bool is_assignment(const char *text)
{
	return *text != '=' && strchr(text, '=') && !memchr(text, ' ', (size_t)(strchr(text, '=') - text));
}

static bool is_flat(const char *text)
{
	return !strchr(text, '/');
}

static bool stays_in_etc(const char *text)
{
	const char *name = text + (*text == '-'); /* "-": may be missing */
	autofree char *path = xasprintf("/%s/", name);

	return *name != '/' && !strstr(path, "/../");
}

void fuzz_check_checked(const struct policy *policy)
{
	bool no_filter = policy_is(policy, SET_syscalls_base, "none");

	FUZZ_CHECK(policy_number(policy, SET_limits_memory, 4 << 20) >= 4 << 20);
	FUZZ_CHECK(policy_number(policy, SET_limits_processes, 1) >= 1);
	FUZZ_CHECK(policy_number(policy, SET_limits_wall_time, 1000000) >= 1000000);
	FUZZ_CHECK(policy_number(policy, SET_process_nice, 0) <= 19);
	FUZZ_CHECK(strlen(policy_text(policy, SET_process_hostname)) <= 64);
	FUZZ_CHECK(each(policy, SET_process_hostname, is_flat));
	FUZZ_CHECK(each(policy, SET_profile_command, is_flat));
	FUZZ_CHECK(each(policy, SET_network_connect_tcp, is_port) && each(policy, SET_network_bind_tcp, is_port));
	FUZZ_CHECK(each(policy, SET_environment_set, is_assignment));
	FUZZ_CHECK(each(policy, SET_filesystem_etc, stays_in_etc));
	FUZZ_CHECK(!no_filter || !policy_is(policy, SET_syscalls_denied, "kill") ||
		   policy_value(policy, SET_syscalls_base)->layer > policy_value(policy, SET_syscalls_denied)->layer);
}

void fuzz_check_errors(const struct errlist *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		FUZZ_CHECK(errors->v[i].code > 0);
		FUZZ_CHECK(errors->v[i].text[0] && memchr(errors->v[i].text, 0, sizeof errors->v[i].text));
		FUZZ_CHECK(memchr(errors->v[i].hint, 0, sizeof errors->v[i].hint));
	}
}
