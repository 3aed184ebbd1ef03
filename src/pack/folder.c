/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders that are taken as a whole. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "pack/collect.h"
#include "pack/root.h"

bool collect_is_left_out(const struct collect *c, const char *path)
{
	for (size_t i = 0; i < c->options->without.count; i++)
		if (path_below(path, c->options->without.v[i]))
			return true;
	return false;
}

/* The kernel's folders have no files that could be copied. */
static bool is_kernels(const char *path)
{
	static const char *const folders[] = {"/proc", "/sys", "/dev"};

	for (size_t i = 0; i < countof(folders); i++)
		if (path_below(path, folders[i]))
			return true;
	return false;
}

/* Of a folder at the top nobody wants all only since a link leads there. */
static bool is_too_much(const char *path)
{
	return is_kernels(path) || !strchr(path + 1, '/');
}

/* One thing in a folder; a folder is put into the list of those to come. */
static int take_one(struct collect *c, char *path, struct reason reason, struct strv *folders, struct err *e)
{
	autofree char *real = NULL;
	struct closure_entry *entry;
	struct stat st;
	int r;

	if (c->skip && fnmatch(c->skip, strrchr(path, '/') + 1, FNM_EXTMATCH) == 0)
		return 0;
	if (collect_is_left_out(c, path) || root_look(c->root, path, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode)) {
		closure_note(c->closure, "'%s' is a device, a socket or a pipe, and left out", path);
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		strv_add(folders, path);
		return 0;
	}
	r = collect_path(c, path, reason, &real, e);
	entry = real ? closure_find(c->closure, real) : NULL;
	if (r == 0 && entry && entry->type == ENTRY_FOLDER && !is_too_much(real) && !path_below(path, real))
		strv_add(folders, real);
	return r;
}

/* All in the folders of the list, to which those below are added. */
static int take_folders(struct collect *c, struct strv *folders, struct reason reason, struct err *e)
{
	for (size_t i = 0; i < folders->count; i++) {
		autostrv struct strv names = {0};
		autofree char *path = xstrdup(folders->v[i]);
		struct closure_entry *entry;
		int r = collect_place(c, path, reason, NULL, e);

		entry = closure_find(c->closure, path);
		if (r < 0)
			return r;
		if (!entry || entry->whole)
			continue;
		entry->whole = true;
		r = root_list(c->root, path, &names);
		if (r < 0)
			closure_note(c->closure, "list '%s': %s", path, strerror(-r));
		for (size_t j = 0; r == 0 && j < names.count; j++) {
			autofree char *one = xasprintf("%s/%s", path, names.v[j]);

			r = take_one(c, one, reason, folders, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int collect_whole(struct collect *c, const char *path, struct reason reason, struct err *e)
{
	autofree char *real = NULL, *why = NULL;
	autostrv struct strv folders = {0};
	struct closure_entry *entry;
	int r = collect_path(c, path, reason, &real, e);

	if (r == 0 && real && (str_eq(real, "/") || is_kernels(real)))
		return err_set(e, EINVAL, "'%s' can't be packed as a whole", path);
	entry = r == 0 && real ? closure_find(c->closure, real) : NULL;
	if (r < 0 || !entry || entry->type != ENTRY_FOLDER)
		return r;
	why = xasprintf("in %s (%s)", real, reason.why);
	strv_add(&folders, real);
	return take_folders(c, &folders, (struct reason){why, true}, e);
}
