/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "live/live.h"
#include "live/names.h"

#define ENDED_REPORT "/report.json"
#define ENDED_RECORD "/record.json"

/* An object in a file of the folder; NULL: there is none that is whole. Whoever was killed may have left a part. */
static struct json *read_object(int runs, const char *name, const char *file)
{
	autostr struct str text = {0};
	struct json *object = NULL;
	struct err none = {0};

	if (live_read_file(runs, name, file, &text, &none) < 0 || !text.len || json_parse(&text, &object, &none) < 0)
		return NULL;
	if (json_kind(object) == JSON_OBJECT)
		return object;
	json_done(object);
	return NULL;
}

static int status_of(const struct json *report)
{
	const char *code = json_text(json_member(report, "exit_code")), *sig = json_text(json_member(report, "signal"));

	return code ? (int)strtol(code, NULL, 10) : sig ? 128 + (int)strtol(sig, NULL, 10) : 125;
}

static void add_end(struct json *record, int runs, const char *name)
{
	autofree char *path = xasprintf("%s" ENDED_REPORT, name);
	struct json *report = read_object(runs, name, ENDED_REPORT);
	struct stat st;

	json_add_null(record, "ended");
	json_add_string(record, "verdict", report ? json_text(json_member(report, "verdict")) : NULL);
	json_add_null(record, "status");
	if (report)
		json_add_int(record, "status", status_of(report));
	if (report && fstatat(runs, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		json_add_int(record, "ended", st.st_mtime);
	json_done(report);
}

static bool has(const struct live_list *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list->v[i].name, name))
			return true;
	return false;
}

int ended_read(const char *path, struct live_list *list, struct err *e)
{
	autoclose int runs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	autostrv struct strv names = {0};
	size_t running = list->count;
	int r = runs < 0 ? -errno : fd_names(runs, &names);

	if (r < 0)
		return r == -ENOENT ? 0 : err_errno(e, -r, "read '%s'", path);
	for (size_t i = 0; i < names.count; i++) {
		struct json *record;

		if (has(list, running, names.v[i]))
			continue;
		record = read_object(runs, names.v[i], ENDED_RECORD);
		if (!record)
			record = json_new_object();
		add_end(record, runs, names.v[i]);
		list->v = xgrow(list->v, list->count, &list->cap, sizeof *list->v);
		list->v[list->count++] = (struct live_entry){.name = xstrdup(names.v[i]), .record = record};
	}
	if (list->count)
		qsort(list->v, list->count, sizeof *list->v, live_by_name);
	return 0;
}

int ended_status(const char *path, const char *name)
{
	autoclose int runs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct json *report = runs < 0 ? NULL : read_object(runs, name, ENDED_REPORT);
	int status = report ? status_of(report) : -1;

	json_done(report);
	return status;
}
