/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile: lays a profile, its includes first and its drop-ins last, each file once. */
#include "policy/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/ini.h"
#include "policy/profile-file.h"
#include "policy/suggest.h"
#include "policy/value.h"

struct laying {
	struct policy *policy;
	const struct profile_folders *folders;
	const struct variables *vars;
	struct errlist *errors;
	struct strv chain; /* names from the profile that was asked for to the one being laid */
	struct strv laid;  /* paths */
};

struct pair {
	enum setting_id id;
	char *text; /* owned */
	unsigned line;
};

/* What one file says, before any of it counts. */
struct file {
	const char *path;
	struct errlist *errors;
	struct pair *pair;
	size_t count, cap;
	unsigned first[SETTING_COUNT]; /* line that gave the setting first; 0: none */
};

static void file_done(struct file *file)
{
	for (size_t i = 0; i < file->count; i++)
		free(file->pair[i].text);
	free(file->pair);
}

/* Adds `e` as an error of a line of the file; keeps its hint. */
static void add_error(struct errlist *errors, struct origin origin, const char *what, struct err *e)
{
	char where[512];

	(void)err_prefix(e, "%s: %s", origin_text(origin, where, sizeof where), what);
	errlist_add(errors, e);
}

static void unknown_key(const struct file *file, const char *section, const char *key, unsigned line)
{
	const char *names[SETTING_COUNT], *nearest;
	struct err e;
	size_t count = 0;

	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (str_eq(settings[i].section, section))
			names[count++] = settings[i].key;
	nearest = suggest(key, names, count);
	(void)err_set(&e, EINVAL, "%s:%u: %s.%s: unknown key", file->path, line, section, key);
	if (nearest)
		(void)err_hint(&e, "did you mean '%s'?", nearest);
	for (unsigned i = 0; !nearest && i < SETTING_COUNT; i++)
		if (str_eq(settings[i].key, key))
			(void)err_hint(&e, "'%s' is a key of [%s]", key, settings[i].section);
	errlist_add(file->errors, &e);
}

static void collect(void *arg, const char *section, const char *key, const char *text, unsigned line)
{
	enum setting_id id = setting_find(section, key);
	struct file *file = arg;
	struct err e;

	if (id == SETTING_COUNT) {
		unknown_key(file, section, key, line);
		return;
	}
	if (!settings[id].many && file->first[id]) {
		(void)err_set(&e, EINVAL, "%s:%u: %s.%s: given twice in this file, first in line %u", file->path, line,
			      section, key, file->first[id]);
		errlist_add(file->errors, &e);
		return;
	}
	if (!file->first[id])
		file->first[id] = line;
	file->pair = xgrow(file->pair, file->count, &file->cap, sizeof *file->pair);
	file->pair[file->count++] = (struct pair){id, xstrdup(text), line};
}

/* Reads the file into pairs. */
static void read_file(struct file *file, struct origin asked)
{
	autostr struct str text = {0};
	struct err e;

	if (profile_read(file->path, &text, &e) == 0) {
		ini_read(text.s, text.len, file->path, collect, file, file->errors);
		return;
	}
	if (asked.file)
		add_error(file->errors, asked, "profile.include", &e);
	else
		errlist_add(file->errors, &e);
}

static void lay_name(struct laying *l, const char *name, int first, struct origin asked);

static void lay_includes(struct laying *l, const struct file *file, int folder)
{
	for (size_t i = 0; i < file->count; i++) {
		struct origin origin = {file->path, file->pair[i].line};
		autostrv struct strv names = {0};

		if (file->pair[i].id != SET_profile_include)
			continue;
		value_words(file->pair[i].text, '\0', &names);
		for (size_t j = 0; j < names.count; j++)
			lay_name(l, names.v[j], folder == FOLDER_USER ? FOLDER_USER : FOLDER_ADMINISTRATOR, origin);
	}
}

/* `asked`: the line that includes it; no file: the caller. */
static void lay_file(struct laying *l, const char *path, int folder, struct origin asked)
{
	__attribute__((cleanup(file_done))) struct file file = {.path = path, .errors = l->errors};

	if (strv_has(&l->laid, path))
		return;
	strv_add(&l->laid, path);
	read_file(&file, asked);
	lay_includes(l, &file, folder);
	l->policy->layer++;
	for (size_t i = 0; i < file.count; i++) {
		const struct pair *pair = &file.pair[i];
		struct origin origin = {path, pair->line};
		struct err e;

		/* what a profile says of itself is not said of those that include it */
		if (l->chain.count > 1 && (pair->id == SET_profile_description || pair->id == SET_profile_command ||
					   pair->id == SET_profile_opens))
			continue;
		if (policy_set(l->policy, pair->id, pair->text, origin, l->vars, &e) < 0)
			errlist_add(l->errors, &e);
	}
}

static void lay_drop_ins(struct laying *l, const char *name)
{
	for (int folder = FOLDER_COUNT - 1; folder >= 0; folder--) {
		autostrv struct strv paths = {0};
		struct err e;

		if (profile_drop_ins(name, l->folders->folder[folder], &paths, &e) < 0)
			errlist_add(l->errors, &e);
		for (size_t i = 0; i < paths.count; i++)
			lay_file(l, paths.v[i], folder, (struct origin){0});
	}
}

/* The chain of includes must end somewhere, and soon. */
static int check_chain(const struct laying *l, const char *name, struct err *e)
{
	autostr struct str chain = {0};

	if (l->chain.count <= PROFILE_MAX_DEPTH && !strv_has(&l->chain, name))
		return 0;
	for (size_t i = 0; i < l->chain.count; i++)
		str_addf(&chain, "%s -> ", l->chain.v[i]);
	str_add(&chain, name);
	if (strv_has(&l->chain, name))
		return err_set(e, ELOOP, "includes go in a circle: %s", chain.s);
	return err_set(e, ELOOP, "includes are deeper than %d: %s", PROFILE_MAX_DEPTH, chain.s);
}

static void push(struct laying *l, const char *name)
{
	strv_add(&l->chain, name);
}

static void pop(struct laying *l)
{
	free(l->chain.v[--l->chain.count]);
	l->chain.v[l->chain.count] = NULL;
}

static void lay_name(struct laying *l, const char *name, int first, struct origin asked)
{
	autofree char *path = NULL;
	int folder = first;
	struct err e;
	int r = profile_check_name(name, &e);

	if (r == 0)
		r = check_chain(l, name, &e);
	if (r == 0)
		r = profile_locate(name, l->folders, first, &path, &folder, &e);
	if (r < 0 && asked.file)
		add_error(l->errors, asked, "profile.include", &e);
	else if (r < 0)
		errlist_add(l->errors, &e);
	if (r < 0)
		return;
	push(l, name);
	lay_file(l, path, folder, asked);
	lay_drop_ins(l, name);
	pop(l);
}

/* The last component of the path without ".ini": as NAME, it will be a part of other paths. */
static int name_of_path(const char *path, char **ret_name, struct err *e)
{
	const char *base = strrchr(path, '/');
	size_t len;
	int r;

	base = base ? base + 1 : path;
	len = strlen(base);
	if (len > 4 && str_eq(base + len - 4, ".ini"))
		len -= 4;
	*ret_name = xstrndup(base, len);
	r = profile_check_name(*ret_name, e);
	return r < 0 ? err_prefix(e, "'%s'", path) : 0;
}

static void lay_path(struct laying *l, const char *path)
{
	push(l, path);
	lay_file(l, path, FOLDER_USER, (struct origin){0});
	pop(l);
}

int profile_lay(struct policy *p, const char *name, const struct profile_folders *folders, const struct variables *vars,
		struct errlist *errors)
{
	struct laying l = {.policy = p, .folders = folders, .vars = vars, .errors = errors};
	autofree char *short_name = NULL;
	size_t before = errors->count;
	struct err e;

	if (strchr(name, '/') && name_of_path(name, &short_name, &e) < 0) {
		errlist_add(errors, &e);
		return -e.code;
	}
	strv_add(&p->profiles, name);
	if (!p->name)
		p->name = xstrdup(short_name ? short_name : name);
	if (short_name)
		lay_path(&l, name);
	else
		lay_name(&l, name, FOLDER_USER, (struct origin){0});
	strv_done(&l.chain);
	strv_done(&l.laid);
	return errors->count > before ? -errors->v[before].code : 0;
}
