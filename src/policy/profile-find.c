/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile-find: which profiles there are, and which one a command asks for by itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "policy/ini.h"
#include "policy/profile-file.h"

int profile_names(const struct profile_folders *folders, struct strv *ret, struct err *e)
{
	autostrv struct strv all = {0};

	for (int i = 0; i < FOLDER_COUNT; i++) {
		int r = profile_list(folders->folder[i], &all, e);

		if (r < 0)
			return r;
	}
	strv_sort(&all, 0);
	for (size_t i = 0; i < all.count; i++)
		if (i == 0 || !str_eq(all.v[i], all.v[i - 1]))
			strv_add(ret, all.v[i]);
	return 0;
}

int profile_find(const char *name, const struct profile_folders *folders, char **ret_path, struct err *e)
{
	int folder, r;

	if (strchr(name, '/')) {
		if (access(name, F_OK) < 0)
			return err_errno(e, errno, "find the profile '%s'", name);
		*ret_path = xstrdup(name);
		return 0;
	}
	r = profile_check_name(name, e);
	return r < 0 ? r : profile_locate(name, folders, FOLDER_USER, ret_path, &folder, e);
}

/* The `command` of one profile alone, drop-ins included. */
struct commands {
	const char *path;
	struct policy policy;
	struct errlist errors;
};

static void set_command(void *arg, const char *section, const char *key, const char *text, unsigned line)
{
	static const struct variables none; /* names of commands have no variables */
	const struct setting *command = &settings[SET_profile_command];
	struct commands *c = arg;
	struct err e;

	if (!str_eq(key, command->key) || !str_eq(section, command->section))
		return;
	if (policy_set(&c->policy, SET_profile_command, text, (struct origin){c->path, line}, &none, &e) < 0)
		errlist_add(&c->errors, &e);
}

static void commands_done(struct commands *c)
{
	policy_done(&c->policy);
	errlist_done(&c->errors);
}

/* 1 if the profile at `paths` (its file, then its drop-ins) lists the command, 0 if not. */
static int lists_command(const struct strv *paths, const char *command, struct err *e)
{
	__attribute__((cleanup(commands_done))) struct commands c = {0};

	for (size_t i = 0; i < paths->count; i++) {
		autostr struct str text = {0};
		int r = profile_read(paths->v[i], &text, e);

		if (r < 0)
			return r;
		c.path = paths->v[i];
		ini_read(text.s, text.len, c.path, set_command, &c, &c.errors);
	}
	if (c.errors.count) {
		*e = c.errors.v[0];
		return -e->code;
	}
	return policy_has(&c.policy, SET_profile_command, command);
}

/* The three folders, each looked through once, so that a NAME.d is not looked for where there is none. */
struct search {
	const char *command;
	struct folder {
		const char *path;            /* NULL: there is none */
		struct strv names, overlaid; /* see profile_scan */
		struct err e;                /* why it could not be looked through; code 0: it was */
	} folder[FOLDER_COUNT];
	struct strv seen; /* names of profiles that need not be read any more */
};

static void search_begin(struct search *s, const struct profile_folders *folders)
{
	for (int i = 0; i < FOLDER_COUNT; i++) {
		struct folder *f = &s->folder[i];

		f->path = folders->folder[i];
		(void)profile_scan(f->path, &f->names, &f->overlaid, &f->e);
		strv_sort(&f->names, 0);
	}
}

static void search_done(struct search *s)
{
	for (int i = 0; i < FOLDER_COUNT; i++) {
		strv_done(&s->folder[i].names);
		strv_done(&s->folder[i].overlaid);
	}
	strv_done(&s->seen);
}

/* 1 if profile `name` of this folder lists the command, 0 if not. */
static int matches(const struct search *s, const char *name, int folder, struct err *e)
{
	autostrv struct strv paths = {0};
	int r = 0;

	strv_take(&paths, xasprintf("%s/%s.ini", s->folder[folder].path, name));
	for (int i = FOLDER_COUNT - 1; r == 0 && i >= 0; i--)
		if (s->folder[i].e.code || strv_has(&s->folder[i].overlaid, name))
			r = profile_drop_ins(name, s->folder[i].path, &paths, e);
	return r < 0 ? r : lists_command(&paths, s->command, e);
}

/* The first match in one folder, among the names that no folder before it has: 1 and the name; 0: there is none. */
static int search_folder(struct search *s, int folder, char **ret_name, struct err *e)
{
	const struct folder *f = &s->folder[folder];
	int r = 0;

	if (f->e.code) {
		*e = f->e;
		return -e->code;
	}
	for (size_t i = 0; r == 0 && i < f->names.count; i++) {
		if (strv_has(&s->seen, f->names.v[i]))
			continue;
		strv_add(&s->seen, f->names.v[i]);
		r = matches(s, f->names.v[i], folder, e);
		if (r == 1)
			*ret_name = xstrdup(f->names.v[i]);
	}
	return r;
}

int profile_for_command(const char *command, const struct profile_folders *folders, char **ret_name, struct err *e)
{
	const char *slash = strrchr(command, '/');
	__attribute__((cleanup(search_done))) struct search s = {.command = slash ? slash + 1 : command};
	int r = 0;

	search_begin(&s, folders);
	for (int i = 0; r == 0 && i < FOLDER_COUNT; i++)
		r = search_folder(&s, i, ret_name, e);
	if (r < 0)
		return r;
	if (r == 0)
		*ret_name = xstrdup("default");
	return 0;
}
