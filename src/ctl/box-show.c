/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box-show: sbxctl box list and show. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "box/place.h"
#include "ctl/box.h"

enum { DEPTH = 256 };

struct listed {
	char *path; /* below the box; owned; of a folder with a '/' at its end */
	uint64_t bytes;
	unsigned mode;
};

struct listing {
	struct listed *v;
	size_t count, cap;
	uint64_t bytes;
};

static void listing_done(struct listing *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->v[i].path);
	free(l->v);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->path, ((const struct listed *)b)->path);
}

static int read_folder(struct listing *l, int fd, const char *above, unsigned depth);

static int add(struct listing *l, int folder, const char *above, const char *name, unsigned depth)
{
	autofree char *path = NULL;
	struct stat st;
	bool is_folder;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno; /* a run may have ended meanwhile */
	is_folder = S_ISDIR(st.st_mode);
	path = xasprintf("%s%s%s", above, name, is_folder ? "/" : "");
	l->v = xgrow(l->v, l->count, &l->cap, sizeof *l->v);
	l->v[l->count++] = (struct listed){xstrdup(path), is_folder ? 0 : (uint64_t)st.st_size, st.st_mode & 0777};
	l->bytes += is_folder ? 0 : (uint64_t)st.st_size;
	if (!is_folder)
		return 0;
	return depth == DEPTH ? -ELOOP
			      : read_folder(l, place_open_name(folder, name, O_RDONLY | O_DIRECTORY), path, depth + 1);
}

/* Takes over `fd`, which may be a negative errno. */
static int read_folder(struct listing *l, int fd, const char *above, unsigned depth)
{
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int r = 0;

	if (!list)
		return fd == -ENOENT ? 0 : fd < 0 ? fd : -errno;
	while (r == 0 && (errno = 0, entry = readdir(list))) {
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			r = add(l, dirfd(list), above, entry->d_name, depth);
	}
	if (r == 0 && errno)
		r = -errno;
	(void)closedir(list);
	return r;
}

static int read_box(const char *path, struct listing *ret, struct err *e)
{
	autoclose int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (folder < 0 && errno == ENOENT)
		return err_set(e, ENOENT, "there is no box '%s'", path);
	if (folder < 0)
		return err_errno(e, errno, "open the box '%s'", path);
	r = read_folder(ret, place_open_name(folder, "files", O_RDONLY | O_DIRECTORY), "", 0);
	if (r < 0)
		return err_errno(e, -r, "read the box '%s'", path);
	if (ret->count)
		qsort(ret->v, ret->count, sizeof *ret->v, by_path);
	return 0;
}

static struct json *json_of(const char *name, const struct listing *l)
{
	struct json *box = json_new_object();

	json_add_string(box, "name", name);
	json_add_uint(box, "bytes", l->bytes);
	json_add_uint(box, "entry_count", l->count);
	return box;
}

int box_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct column columns[] = {
		{"NAME", "name", -24, NULL}, {"ENTRIES", "entry_count", 8, NULL}, {"BYTES", "bytes", 12, NULL}};
	autostrv struct strv found = {0};
	struct err e = {0};
	struct rows rows;
	int status = 0;

	(void)argv;
	if (argc)
		return ctl_usage("box list takes --json only");
	rows_begin(&rows, "boxes", ctl->json);
	if (store_names(ctl->host.boxes, &found, &e) < 0)
		status = ctl_fail(&e, 1);
	for (size_t i = 0; i < found.count; i++) {
		autofree char *path = box_path(ctl, found.v[i], &e);
		struct listing l = {0};

		if (!path || read_box(path, &l, &e) < 0)
			status = rows_failed(&rows, found.v[i], &e);
		else
			rows_add(&rows, json_of(found.v[i], &l));
		listing_done(&l);
	}
	return rows_end(&rows, columns, countof(columns), status);
}

static void print_files(const struct listing *l, struct str *out)
{
	for (size_t i = 0; i < l->count; i++) {
		str_addf(out, "%04o %12llu ", l->v[i].mode, (unsigned long long)l->v[i].bytes);
		str_add_escaped(out, l->v[i].path, true);
		str_add(out, "\n");
	}
}

static void json_files(const struct listing *l, struct json *box)
{
	struct json *files = json_new_array();

	for (size_t i = 0; i < l->count; i++) {
		struct json *file = json_new_object();
		autostr struct str path = {0};

		str_add(&path, l->v[i].path);
		json_add_bytes(file, "path", &path);
		json_add_uint(file, "bytes", l->v[i].bytes);
		json_add_uint(file, "mode", l->v[i].mode);
		json_append(files, file);
	}
	json_add(box, "files", files);
}

int box_show(struct ctl *ctl, int argc, char **argv)
{
	autofree char *path = NULL;
	struct listing l = {0};
	struct err e = {0};
	struct rows rows;
	int status = 0;

	if (argc != 1)
		return ctl_usage("box show NAME [--json]");
	rows_begin(&rows, "boxes", ctl->json);
	path = box_path(ctl, argv[0], &e);
	if (!path || read_box(path, &l, &e) < 0) {
		status = rows_failed(&rows, argv[0], &e);
	} else {
		struct json *box = json_of(argv[0], &l);

		json_add_string(box, "folder", path);
		json_files(&l, box);
		rows_add(&rows, box);
		str_add_escaped(&rows.text, path, true);
		str_add(&rows.text, "\n");
		print_files(&l, &rows.text);
	}
	listing_done(&l);
	return rows_end(&rows, NULL, 0, status);
}
