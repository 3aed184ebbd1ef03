/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value: one function a type. */
#include "policy/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "policy/expand.h"
#include "policy/suggest.h"

enum { MAX_PERCENT = 100000, MAX_MODE = 0777, MAX_CPU = 8191 };

void value_words(const char *text, char also, struct strv *ret)
{
	const char separators[] = {' ', '\t', also, '\0'};

	for (const char *p = text + strspn(text, separators); *p; p += strspn(p, separators)) {
		size_t len = strcspn(p, separators);

		strv_take(ret, xstrndup(p, len));
		p += len;
	}
}

static int parse_enum(const char *choices, const char *text, int64_t *number, struct err *e)
{
	autostrv struct strv words = {0};
	const char *nearest;

	value_words(choices, '\0', &words);
	for (size_t i = 0; i < words.count; i++) {
		if (str_eq(words.v[i], text)) {
			*number = (int64_t)i;
			return 0;
		}
	}
	(void)err_set(e, EINVAL, "'%s' is none of: %s", text, choices);
	nearest = suggest(text, (const char *const *)words.v, words.count);
	return nearest ? err_hint(e, "did you mean '%s'?", nearest) : -EINVAL;
}

static int parse_bool(const char *text, int64_t *number, struct err *e)
{
	if (!str_eq(text, "yes") && !str_eq(text, "no"))
		return err_set(e, EINVAL, "'%s' is neither 'yes' nor 'no'", text);
	*number = str_eq(text, "yes");
	return 0;
}

static int parse_octal(const char *text, int64_t *number, struct err *e)
{
	int64_t mode = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '7')
			return err_set(e, EINVAL, "'%s' is not an octal number", text);
		mode = mode * 8 + (*p - '0');
		if (mode > MAX_MODE)
			return err_set(e, ERANGE, "'%s' is too large, at most 0777", text);
	}
	*number = mode;
	return 0;
}

static int parse_unsigned(const char *text, uint64_t min, uint64_t max, int64_t *number, struct err *e)
{
	uint64_t n = 0;
	int r = units_number(text, max, &n, e);

	if (r < 0)
		return r;
	if (n < min)
		return err_set(e, ERANGE, "'%s' is too small, at least %llu", text, (unsigned long long)min);
	*number = (int64_t)n;
	return 0;
}

static int parse_percent(const char *text, int64_t *number, struct err *e)
{
	size_t len = strlen(text);
	autofree char *digits = xstrndup(text, text[len - 1] == '%' ? len - 1 : len);

	return parse_unsigned(digits, 1, MAX_PERCENT, number, e);
}

/* One N or N-M of a list of processors. */
static int parse_cpu_range(const char *text, struct err *e)
{
	const char *dash = strchr(text, '-');
	autofree char *first = xstrndup(text, dash ? (size_t)(dash - text) : strlen(text));
	int64_t from = 0, to = 0;
	int r = parse_unsigned(first, 0, MAX_CPU, &from, e);

	if (r == 0 && dash)
		r = parse_unsigned(dash + 1, 0, MAX_CPU, &to, e);
	if (r == 0 && dash && to < from)
		return err_set(e, EINVAL, "'%s' ends before it starts", text);
	return r;
}

static int parse_cpus(const char *text, struct err *e)
{
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");
		autofree char *range = xstrndup(p, len);
		int r = parse_cpu_range(range, e);

		if (r < 0)
			return err_prefix(e, "'%s' is not a list of processors like 0-1,3", text);
		p += len;
		if (!*p)
			return 0;
	}
}

static int parse_path(const char *text, const struct variables *vars, const char *base, struct value *ret,
		      struct err *e)
{
	ret->optional = *text == '-';
	ret->is_cwd = str_eq(text + ret->optional, "${CWD}");
	return expand_path(text + ret->optional, vars, base, &ret->text, e);
}

/* Copies up to the next colon that no backslash is before; `\:` becomes `:`. Returns where it stopped. */
static const char *unescape(const char *text, struct str *out)
{
	const char *p = text;

	str_add(out, "");
	for (; *p && *p != ':'; p++) {
		p += p[0] == '\\' && p[1] == ':';
		str_add_bytes(out, p, 1);
	}
	return p;
}

/* The colon is looked for before variables are expanded: one within a variable separates nothing. */
static int parse_rule(const char *text, const struct variables *vars, const char *base, struct value *ret,
		      struct err *e)
{
	autostr struct str source = {0}, target = {0};
	const char *p = unescape(text, &source);
	int r = parse_path(source.s, vars, base, ret, e);

	if (r < 0 || !*p)
		return r;
	p = unescape(p + 1, &target);
	if (*p)
		return err_set(e, EINVAL, "'%s' has more than one ':' (a colon within a path is '\\:')", text);
	r = expand_path(target.s, vars, NULL, &ret->target, e);
	return r < 0 ? err_prefix(e, "the target") : 0;
}

static int parse_size(const char *text, int64_t *number, struct err *e)
{
	uint64_t bytes = 0;
	int r = units_size(text, &bytes, e);

	if (r == 0)
		*number = (int64_t)bytes;
	return r;
}

static int parse_time(const char *text, int64_t *number, struct err *e)
{
	uint64_t ns = 0;
	int r = units_time(text, &ns, e);

	if (r == 0)
		*number = (int64_t)ns;
	return r;
}

/* `value` may be half made on failure. */
static int parse(enum setting_id id, const char *text, const struct variables *vars, const char *base,
		 struct value *value, struct err *e)
{
	switch (settings[id].type) {
	case TYPE_TEXT:
	case TYPE_WORDS:
		return 0;
	case TYPE_ENUM:
		return parse_enum(settings[id].choices, text, &value->number, e);
	case TYPE_BOOL:
		return parse_bool(text, &value->number, e);
	case TYPE_PATH:
		return parse_path(text, vars, base, value, e);
	case TYPE_RULE:
		return parse_rule(text, vars, base, value, e);
	case TYPE_SIZE:
		return parse_size(text, &value->number, e);
	case TYPE_TIME:
		return parse_time(text, &value->number, e);
	case TYPE_COUNT:
		return parse_unsigned(text, 0, UINT32_MAX, &value->number, e);
	case TYPE_OCTAL:
		return parse_octal(text, &value->number, e);
	case TYPE_PERCENT:
		return parse_percent(text, &value->number, e);
	case TYPE_CPUS:
		return parse_cpus(text, e);
	}
	return err_set(e, EINVAL, "the setting has no type");
}

int value_parse(enum setting_id id, const char *text, const struct variables *vars, const char *base, struct value *ret,
		struct err *e)
{
	struct value value = {0};
	int r = parse(id, text, vars, base, &value, e);

	if (r < 0) {
		value_done(&value);
		return r;
	}
	if (!value.text)
		value.text = xstrdup(text);
	*ret = value;
	return 0;
}

void value_done(struct value *value)
{
	free(value->text);
	free(value->target);
	*value = (struct value){0};
}

bool value_same(const struct value *a, const struct value *b)
{
	if (!str_eq(a->text, b->text) || !a->target != !b->target)
		return false;
	return !a->target || str_eq(a->target, b->target);
}
