/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

enum { FLAG_RW = 1, FLAG_DEV = 2, FLAG_NOEXEC = 4, FLAG_MAYBE = 8, FLAG_FS = 16, FLAG_TMP = 32, FLAG_NOREC = 64 };

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
	{"rw", FLAG_RW}, {"dev", FLAG_DEV}, {"noexec", FLAG_NOEXEC}, {"maybe", FLAG_MAYBE},
	{"fs", FLAG_FS}, {"tmp", FLAG_TMP}, {"norec", FLAG_NOREC},
};

void rules_default(struct rules *rules)
{
	static const char *const texts[] = {"box=./box:rw",        "bin",     "dev:dev:norec",
					    "dev/shm=tmpfs:fs:rw", "lib",     "lib64:maybe",
					    "proc=proc:fs",        "tmp:tmp", "usr"};
	struct err none;

	for (size_t i = 0; i < countof(texts); i++)
		(void)rules_add(rules, texts[i], &none); /* tests see that all are good */
	for (size_t i = 0; i < rules->count; i++)
		rules->v[i].is_default = true;
}

/* The options after the first colon, which is cut off. */
static int read_flags(char *text, unsigned *ret, struct err *e)
{
	char *colon = strchr(text, ':'), *rest = NULL;

	*ret = 0;
	if (!colon)
		return 0;
	*colon = '\0';
	for (char *word = strtok_r(colon + 1, ":", &rest); word; word = strtok_r(NULL, ":", &rest)) {
		size_t i = 0;

		while (i < countof(flags) && !str_eq(flags[i].name, word))
			i++;
		if (i == countof(flags))
			return err_set(e, EINVAL, "--dir: unknown option '%s'", word);
		*ret |= flags[i].flag;
	}
	return 0;
}

/* NULL: there is a "..", or nothing. */
static char *inner_path(const char *path)
{
	autofree char *normal = path_goes_up(path) ? NULL : path_normal(path);

	return normal && normal[1] ? take(normal) : NULL;
}

/* A whole file system in place of a folder. */
static int special(struct dir_rule *rule, const char *type, unsigned set, struct err *e)
{
	if (str_eq(type, "proc") && str_eq(rule->in, "/proc"))
		rule->kind = RULE_PROC;
	else if (str_eq(type, "tmpfs") && (set & FLAG_RW))
		rule->kind = RULE_TMPFS;
	else
		return err_set(e, ENOTSUP, "--dir: sbx mounts no %s '%s' at '%s'",
			       set & FLAG_RW ? "writable" : "read-only", type, rule->in);
	return 0;
}

static int show(struct dir_rule *rule, const char *out, unsigned set, struct err *e)
{
	bool box = str_starts(out, "./");

	if (str_eq(rule->in, "/dev") && (set & FLAG_DEV)) {
		rule->kind = RULE_DEV;
		return str_eq(out, "/dev") ? 0
					   : err_set(e, ENOTSUP, "--dir: only the sandbox's own /dev is shown as /dev");
	}
	if (set & (FLAG_DEV | FLAG_NOREC))
		return err_set(e, ENOTSUP, "--dir: sbx has no option '%s' for '%s'", set & FLAG_DEV ? "dev" : "norec",
			       rule->in);
	if (!box && out[0] != '/')
		return err_set(e, EINVAL, "--dir: '%s' is neither absolute nor starts with './'", out);
	rule->kind = box ? RULE_BOX : RULE_BIND;
	rule->out = inner_path(out + box);
	if (!rule->out && strstr(out, ".."))
		return err_set(e, EINVAL, "--dir: '%s' has a '..' in it", out);
	if (!rule->out && !box)
		return err_set(e, ENOTSUP, "--dir: sbx does not show the whole host as '%s'", rule->in);
	if (!rule->out)
		rule->out = xstrdup("");
	return 0;
}

static int read_rule(const char *text, struct dir_rule *rule, struct err *e)
{
	autofree char *copy = xstrdup(text);
	unsigned set = 0;
	char *sign;

	if (read_flags(copy, &set, e) < 0)
		return -e->code;
	sign = strchr(copy, '=');
	if (sign)
		*sign = '\0';
	rule->in = inner_path(copy);
	if (!rule->in)
		return err_set(e, EINVAL, "--dir: '%s' is no folder below the root, or has a '..' in it", copy);
	rule->writable = (set & FLAG_RW) != 0;
	rule->no_exec = (set & FLAG_NOEXEC) != 0;
	rule->maybe = (set & FLAG_MAYBE) != 0;
	if (set & FLAG_TMP) {
		rule->kind = RULE_TMPFS;
		return sign && sign[1] ? err_set(e, EINVAL, "--dir: '%s' is temporary, and shows nothing", rule->in)
				       : 0;
	}
	if (sign && !sign[1]) {
		rule->kind = RULE_NONE;
		return 0;
	}
	if (set & FLAG_FS)
		return special(rule, sign ? sign + 1 : copy, set, e);
	return show(rule, sign ? sign + 1 : rule->in, set, e);
}

static void rule_done(struct dir_rule *rule)
{
	free(rule->in);
	free(rule->out);
}

int rules_add(struct rules *rules, const char *text, struct err *e)
{
	struct dir_rule rule = {0};

	if (read_rule(text, &rule, e) < 0) {
		rule_done(&rule);
		return -e->code;
	}
	for (size_t i = 0; i < rules->count; i++) {
		if (!str_eq(rules->v[i].in, rule.in))
			continue;
		rule_done(&rules->v[i]);
		rules->v[i] = rule;
		return 0;
	}
	rules->v = xgrow(rules->v, rules->count, &rules->cap, sizeof *rules->v);
	rules->v[rules->count++] = rule;
	return 0;
}

void rules_forget_default(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->v[i].is_default)
			rules->v[i].kind = RULE_NONE;
}

const struct dir_rule *rules_find(const struct rules *rules, const char *path, const char **ret_rest)
{
	const struct dir_rule *best = NULL;
	size_t len = 0;

	for (size_t i = 0; i < rules->count; i++) {
		size_t n = strlen(rules->v[i].in);

		if (rules->v[i].kind == RULE_NONE || n <= len || strncmp(path, rules->v[i].in, n) != 0 ||
		    (path[n] && path[n] != '/'))
			continue;
		best = &rules->v[i];
		len = n;
	}
	if (best)
		*ret_rest = path + len + strspn(path + len, "/");
	return best;
}

void rules_done(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_done(&rules->v[i]);
	free(rules->v);
	*rules = (struct rules){0};
}
