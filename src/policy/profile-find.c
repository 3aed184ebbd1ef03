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
	profile_sort(&all);
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
	struct commands *c = arg;
	struct err e;

	if (setting_find(section, key) != SET_profile_command)
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

/* 1 if profile `name` of this folder lists the command, 0 if not. */
static int matches(const char *name, const struct profile_folders *folders, int folder, const char *command,
		   struct err *e)
{
	autostrv struct strv paths = {0};
	int r = 0;

	strv_take(&paths, xasprintf("%s/%s.ini", folders->folder[folder], name));
	for (int i = FOLDER_COUNT - 1; r == 0 && i >= 0; i--)
		r = profile_drop_ins(name, folders->folder[i], &paths, e);
	return r < 0 ? r : lists_command(&paths, command, e);
}

/* The first match in one folder, among the names that no folder before it has. Adds its names to `seen`. */
static int search_folder(const struct profile_folders *folders, int folder, const char *command, struct strv *seen,
			 char **ret_name, struct err *e)
{
	autostrv struct strv names = {0};
	int r = profile_list(folders->folder[folder], &names, e);

	profile_sort(&names);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		if (strv_has(seen, names.v[i]))
			continue;
		strv_add(seen, names.v[i]);
		r = matches(names.v[i], folders, folder, command, e);
		if (r == 1)
			*ret_name = xstrdup(names.v[i]);
	}
	return r;
}

int profile_for_command(const char *command, const struct profile_folders *folders, char **ret_name, struct err *e)
{
	const char *slash = strrchr(command, '/');
	const char *base = slash ? slash + 1 : command;
	autostrv struct strv seen = {0};
	int r = 0;

	for (int i = 0; r == 0 && i < FOLDER_COUNT; i++)
		r = search_folder(folders, i, base, &seen, ret_name, e);
	if (r < 0)
		return r;
	if (r == 0)
		*ret_name = xstrdup("default");
	return 0;
}
