/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box-files: sbxctl box put, get and run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "box/carry-file.h"
#include "box/carry.h"
#include "box/place.h"
#include "ctl/box.h"

static const struct carry everything = {
	.file_size = UINT64_MAX,
	.bytes = UINT64_MAX,
	.file_bits = S_IRUSR,
	.folder_bits = S_IRWXU,
	.owner = "",
	.strict = true,
};

static int copy_file(int from, int to_folder, const struct stat *st, struct err *e)
{
	autoclose int to = openat(to_folder, "put", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	autofree char *buffer = xmalloc(CARRY_BUFFER);
	uint64_t left = UINT64_MAX;
	struct copy copy = {.from = from, .to = to, .buffer = buffer, .left = &left};
	int r = to < 0 ? -errno : carry_content(&copy, st->st_size);

	if (r == 0 && fchmod(to, (st->st_mode & 0777) | S_IRUSR) < 0)
		r = -errno;
	return r < 0 ? err_errno(e, -r, "copy it") : 0;
}

static int copy_folder(int from, int to_folder, struct err *e)
{
	struct carried done = {0};
	autoclose int to = -1;

	if (mkdirat(to_folder, "put", 0700) < 0)
		return err_errno(e, errno, "make a folder");
	to = place_open_name(to_folder, "put", O_RDONLY | O_DIRECTORY);
	return to < 0 ? err_errno(e, -to, "open a folder") : carry_tree(from, to, &everything, &done, e);
}

/* Into the folder that is not the content yet, as "put". Links to the file are the caller's own, and are followed. */
static int take_in(const char *file, int coming, struct err *e)
{
	autoclose int from = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		return err_errno(e, errno, "open it");
	if (S_ISDIR(st.st_mode))
		return copy_folder(from, coming, e);
	return S_ISREG(st.st_mode) ? copy_file(from, coming, &st, e)
				   : err_set(e, EINVAL, "it is neither a regular file nor a folder");
}

/* Makes each folder above the last name of `path`, and goes there. Returns the last name. */
static const char *go_to(struct place *place, const char *path, struct err *e)
{
	for (;;) {
		const char *slash = strchr(path, '/');
		autofree char *name = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(path);
		int r;

		if (!*name || str_eq(name, ".") || str_eq(name, "..")) {
			(void)err_set(e, EINVAL, "it is no path below the box");
			return NULL;
		}
		if (!slash)
			return path;
		if (mkdirat(place->fd, name, 0700) < 0 && errno != EEXIST) {
			(void)err_errno(e, errno, "make folder '%s'", name);
			return NULL;
		}
		r = place_enter(place, name);
		if (r < 0) {
			(void)err_errno(e, -r, "enter '%s'", name);
			return NULL;
		}
		path = slash + 1;
	}
}

static int put_one(const struct store *store, const char *file, const char *target, struct err *e)
{
	autoclose int coming = store_begin(store, e);
	struct place place = PLACE_NONE;
	const char *name;
	int r = coming;

	if (r >= 0)
		r = take_in(file, coming, e);
	if (r < 0)
		return err_prefix(e, "put '%s' into the box", file);
	r = place_open(store->files, &place);
	if (r < 0)
		return err_errno(e, -r, "open the box");
	name = go_to(&place, target, e);
	if (name && renameat(coming, "put", place.fd, name) < 0)
		(void)err_errno(e, errno, "take its place");
	place_done(&place);
	return e->code ? err_prefix(e, "put '%s' into the box as '%s'", file, target) : 0;
}

/* FILE, or FILE:NAME; the last colon counts. */
static int put_word(const struct store *store, const char *word, struct err *e)
{
	const char *colon = strrchr(word, ':');
	autofree char *file = colon ? xstrndup(word, (size_t)(colon - word)) : xstrdup(word);
	const char *base = strrchr(file, '/');

	return put_one(store, file, colon ? colon + 1 : base ? base + 1 : file, e);
}

int box_put(struct ctl *ctl, int argc, char **argv)
{
	struct store store = STORE_NONE;
	struct err e = {0};
	int r;

	if (argc < 2)
		return ctl_usage("box put NAME FILE[:NAME]...");
	r = box_lock(ctl, argv[0], &store, &e);
	for (int i = 1; r == 0 && i < argc; i++)
		r = put_word(&store, argv[i], &e);
	if (store.folder >= 0) {
		struct err more = {0};

		if (store_clean(&store, &more) < 0 && r == 0) {
			e = more;
			r = -e.code;
		}
	}
	store_close(&store);
	return box_did(ctl, argv[0], "filled", r < 0, &e);
}

static int get(const struct store *store, const char *folder, const struct strv *patterns, struct err *e)
{
	struct carry rules = everything;
	struct carried done = {0};
	autoclose int to = -1;
	int r;

	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make folder '%s'", folder);
	to = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return err_errno(e, errno, "open folder '%s'", folder);
	rules.patterns = (const char *const *)patterns->v;
	rules.pattern_count = patterns->count;
	r = carry_tree(store->files, to, &rules, &done, e);
	if (r < 0)
		return err_prefix(e, "get files of the box");
	for (size_t i = 0; i < patterns->count; i++)
		if (!done.found[i])
			return err_set(e, ENOENT, "nothing in the box is '%s'", patterns->v[i]);
	return 0;
}

int box_get(struct ctl *ctl, int argc, char **argv)
{
	autostrv struct strv patterns = {0};
	struct store store = STORE_NONE;
	const char *folder = ".";
	struct err e = {0};
	int r;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "-o") && i + 1 < argc)
			folder = argv[++i];
		else
			strv_add(&patterns, argv[i]);
	}
	if (argc < 1 || patterns.count > CARRY_PATTERNS || strv_has(&patterns, "-o"))
		return ctl_usage("box get NAME [PATTERN]... [-o FOLDER]");
	r = box_lock(ctl, argv[0], &store, &e);
	if (r == 0)
		r = get(&store, folder, &patterns, &e);
	store_close(&store);
	return box_did(ctl, argv[0], "copied", r < 0, &e);
}

/* Every program that is executed closes what is not its own; here it is the caller's, for sbx to have. */
static void pass_all_fds(void)
{
	DIR *list = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (list && (entry = readdir(list))) {
		long fd = strtol(entry->d_name, NULL, 10);

		if (fd > 2 && fd != dirfd(list))
			(void)fcntl((int)fd, F_SETFD, 0);
	}
	if (list)
		(void)closedir(list);
}

int box_run(struct ctl *ctl, int argc, char **argv)
{
	autofree char *path = NULL, *option = NULL;
	autofree char **words = xcalloc((size_t)argc + 3, sizeof *words);
	struct err e = {0};

	(void)ctl;
	if (argc < 2)
		return ctl_usage("box run NAME [OPTION]... [--] COMMAND [ARG]...");
	path = child_sbx(&e);
	if (!path)
		return ctl_fail(&e, 125);
	option = xasprintf("--box=%s", argv[0]);
	words[0] = path;
	words[1] = option;
	memcpy(words + 2, argv + 1, (size_t)(argc - 1) * sizeof *words);
	pass_all_fds();
	(void)execv(path, words);
	(void)err_errno(&e, errno, "execute '%s'", path);
	return ctl_fail(&e, 125);
}
