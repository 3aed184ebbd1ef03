/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* home-show: sbxctl home list and show. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "box/place.h"
#include "ctl/home.h"
#include "session/measure.h"

enum { PARTS = 1000 /* that are shown */ };

/* A file or folder of the home, or of one of its hidden folders, with all in it. */
struct part {
	char *path; /* owned */
	bool folder;
	struct session_size size;
};

struct parts {
	struct part *v;
	size_t count, cap;
};

static void parts_done(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		free(parts->v[i].path);
	free(parts->v);
}

static int by_size(const void *a, const void *b)
{
	const struct part *p = a, *q = b;

	if (p->size.bytes != q->size.bytes)
		return p->size.bytes < q->size.bytes ? 1 : -1;
	return strcmp(p->path, q->path);
}

static int read_parts(struct parts *parts, int folder, const char *above);

/* .cache, .config and the like say little: what is in them does. A folder that is closed is one part. */
static int add_part(struct parts *parts, int folder, const char *above, const char *name)
{
	autofree char *path = xasprintf("%s%s", above, name), *prefix = xasprintf("%s/", path);
	autoclose int inside = -1;
	struct part part = {.size = {.complete = true, .entries = 1}};
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno; /* a sandbox may run */
	part.folder = S_ISDIR(st.st_mode);
	part.size.changed = st.st_ctim.tv_sec;
	if (part.folder) {
		inside = place_open_name(folder, name, O_RDONLY | O_DIRECTORY);
		if (inside >= 0 && !*above && name[0] == '.')
			return read_parts(parts, inside, prefix);
		if (inside < 0 || measure_tree(inside, &part.size) < 0)
			part.size.complete = false;
	} else {
		part.size.bytes = (uint64_t)st.st_blocks * 512;
	}
	part.path = xstrdup(path);
	parts->v = xgrow(parts->v, parts->count, &parts->cap, sizeof *parts->v);
	parts->v[parts->count++] = part;
	return 0;
}

static int read_parts(struct parts *parts, int folder, const char *above)
{
	autostrv struct strv names = {0};
	int r = fd_names(folder, &names);

	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = add_part(parts, folder, above, names.v[i]);
	return r;
}

static struct json *part_json(const struct part *part)
{
	struct json *one = json_new_object();
	autostr struct str path = {0};

	str_add(&path, part->path);
	json_add_bytes(one, "path", &path);
	json_add_string(one, "type", part->folder ? "folder" : "file");
	json_add_uint(one, "bytes", part->size.bytes);
	json_add_uint(one, "entries", part->size.entries);
	json_add_bool(one, "complete", part->size.complete);
	return one;
}

static void part_line(const struct part *part, struct str *out)
{
	str_addf(out, "%12llu %8llu ", (unsigned long long)part->size.bytes, (unsigned long long)part->size.entries);
	str_add_escaped(out, part->path, true);
	str_addf(out, "%s%s\n", part->folder ? "/" : "", part->size.complete ? "" : " (not all of it can be read)");
}

/* What all homes have in common; `parts` NULL: not what is in it. */
static int add_home(struct ctl *ctl, const char *name, struct rows *rows, bool parts_too, struct err *e)
{
	autoclose int home = home_open(ctl, name, e);
	autostrv struct strv users = {0};
	struct session_size size = {.complete = true};
	struct parts parts = {0};
	struct json *item, *list;
	struct stat st;
	int r = home < 0 ? home : home_users(ctl, name, &users, e);

	if (r < 0)
		return r;
	r = fstat(home, &st) < 0 ? -errno : measure_tree(home, &size);
	if (r == 0 && parts_too)
		r = read_parts(&parts, home, "");
	if (r < 0) {
		parts_done(&parts);
		return err_errno(e, -r, "read the private home of '%s'", name);
	}
	item = json_new_object();
	json_add_string(item, "name", name);
	json_add_uint(item, "bytes", size.bytes);
	json_add_uint(item, "entries", size.entries);
	json_add_bool(item, "complete", size.complete);
	json_add_int(item, "changed", size.changed > st.st_ctim.tv_sec ? size.changed : st.st_ctim.tv_sec);
	json_add(item, "sandboxes", json_new_texts(&users));
	if (parts_too) {
		json_add(item, "parts", list = json_new_array());
		if (parts.count)
			qsort(parts.v, parts.count, sizeof *parts.v, by_size);
		str_addf(&rows->text, "%s: %llu bytes in %llu files and folders\n", name,
			 (unsigned long long)size.bytes, (unsigned long long)size.entries);
		for (size_t i = 0; i < parts.count && i < PARTS; i++) {
			json_append(list, part_json(&parts.v[i]));
			part_line(&parts.v[i], &rows->text);
		}
		if (parts.count > PARTS)
			str_addf(&rows->text, "%12s %8s and %zu more\n", "", "", parts.count - PARTS);
	}
	rows_add(rows, item);
	parts_done(&parts);
	return 0;
}

static int each(struct ctl *ctl, int argc, char **argv, struct rows *rows, bool parts_too)
{
	autostrv struct strv names = {0};
	struct err e = {0};
	int status = 0;

	for (int i = 0; i < argc; i++)
		strv_add(&names, argv[i]);
	if (!argc && home_names(ctl, &names, &e) < 0)
		status = ctl_fail(&e, 1);
	for (size_t i = 0; i < names.count; i++) {
		err_clear(&e);
		if (add_home(ctl, names.v[i], rows, parts_too, &e) < 0)
			status = rows_failed(rows, names.v[i], &e);
	}
	return status;
}

int home_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct column columns[] = {{"PROFILE", "name", -24, NULL},
						{"MIB", "bytes", 9, show_mebibytes},
						{"FILES", "entries", 8, NULL},
						{"CHANGED", "changed", 9, show_age},
						{"SANDBOXES", "sandboxes", 0, show_words}};
	struct rows rows;

	rows_begin(&rows, "homes", ctl->json);
	return rows_end(&rows, columns, countof(columns), each(ctl, argc, argv, &rows, false));
}

int home_show(struct ctl *ctl, int argc, char **argv)
{
	struct rows rows;

	rows_begin(&rows, "homes", ctl->json);
	return rows_end(&rows, NULL, 0, each(ctl, argc, argv, &rows, true));
}
