/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/units.h"
#include "live/live.h"
#include "live/names.h"

enum { FILE_MAX = 32 << 20 /* the most that the kernel takes as arguments, each byte in five as JSON */ };

int live_open_folder(const char *path, struct err *e)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_errno(e, errno, "open '%s'", path);
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 022))
		return err_set(e, EPERM, "'%s' is another user's, or others can write there", path);
	return take_fd(&fd);
}

int live_read_file(int folder, const char *name, const char *suffix, struct str *ret, struct err *e)
{
	autofree char *file = xasprintf("%s%s", name, suffix);
	autoclose int fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int r;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_errno(e, errno, "open '%s'", file);
	r = fd_read_all(fd, FILE_MAX, ret);
	if (r == -EFBIG)
		return err_set(e, EFBIG, "'%s' is too long", file);
	return r < 0 ? err_errno(e, -r, "read '%s'", file) : 0;
}

/* Its monitor has the lock. Who gets it finds a dead one, and removes what that has left. */
static bool is_alive(int folder, const char *name, bool remove)
{
	autofree char *file = xasprintf("%s" LIVE_LOCK, name);
	autoclose int fd = openat(folder, file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	if (remove)
		live_remove(folder, name);
	return false;
}

static bool number_of(const struct json *record, const char *name, uint64_t most, uint64_t *ret)
{
	const char *text = json_text(json_member(record, name));
	struct err none = {0};

	return text && units_number(text, most, ret, &none) == 0;
}

/* 1; 0: it has not told yet, or just ended. */
static int read_entry(int folder, const char *name, struct live_entry *ret, struct err *e)
{
	autostr struct str text = {0};
	struct json *record = NULL;
	uint64_t monitor = 0, init = 0, monitor_start = 0, init_start = 0;
	int r = live_read_file(folder, name, LIVE_RECORD, &text, e);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = json_parse(&text, &record, e);
	if (r == 0 && (json_kind(record) != JSON_OBJECT || !number_of(record, "monitor", INT32_MAX, &monitor) ||
		       !number_of(record, "init", INT32_MAX, &init) ||
		       !number_of(record, "monitor_start", UINT64_MAX, &monitor_start) ||
		       !number_of(record, "init_start", UINT64_MAX, &init_start)))
		r = err_set(e, EBADMSG, "the record of '%s' is damaged", name);
	if (r < 0) {
		json_done(record);
		return r;
	}
	*ret = (struct live_entry){.name = xstrdup(name),
				   .record = record,
				   .monitor = (pid_t)monitor,
				   .init = (pid_t)init,
				   .monitor_start = monitor_start,
				   .init_start = init_start};
	return 1;
}

int live_by_name(const void *a, const void *b)
{
	return strcmp(((const struct live_entry *)a)->name, ((const struct live_entry *)b)->name);
}

static int read_all(int folder, struct live_list *list, struct err *e)
{
	autolist DIR *files = fd_list(folder);
	const struct dirent *file;

	if (!files)
		return err_errno(e, errno, "read the folder of what runs");
	while ((file = readdir(files))) {
		size_t len = strlen(file->d_name), suffix = strlen(LIVE_LOCK);
		autofree char *name = NULL;
		int r;

		if (len <= suffix || !str_eq(file->d_name + len - suffix, LIVE_LOCK))
			continue;
		name = xstrndup(file->d_name, len - suffix);
		if (!is_alive(folder, name, true))
			continue;
		list->v = xgrow(list->v, list->count, &list->cap, sizeof *list->v);
		r = read_entry(folder, name, &list->v[list->count], e);
		if (r < 0)
			return r;
		list->count += (size_t)r;
	}
	return 0;
}

int live_read(const char *path, struct live_list *ret, struct err *e)
{
	autoclose int folder = live_open_folder(path, e);
	int r = folder == -ENOENT ? 0 : folder < 0 ? folder : read_all(folder, ret, e);

	if (ret->count)
		qsort(ret->v, ret->count, sizeof *ret->v, live_by_name);
	return r;
}

void live_entry_done(struct live_entry *entry)
{
	free(entry->name);
	json_done(entry->record);
}

void live_list_done(struct live_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		live_entry_done(&list->v[i]);
	free(list->v);
	*list = (struct live_list){0};
}

int live_find(const struct live_list *list, const char *name, const struct live_entry **ret, struct err *e)
{
	const struct live_entry *found[2] = {NULL, NULL}; /* by whether it runs */
	size_t count[2] = {0, 0};
	bool runs;

	for (size_t i = 0; i < list->count; i++) {
		if (str_eq(list->v[i].name, name)) {
			*ret = &list->v[i];
			return 0;
		}
		if (str_starts(list->v[i].name, name)) {
			runs = list->v[i].monitor != 0;
			found[runs] = &list->v[i];
			count[runs]++;
		}
	}
	runs = count[true] > 0;
	if (count[runs] > 1)
		return err_set(e, EINVAL, "%zu sandboxes have names that begin with '%s'", count[runs], name);
	if (!count[runs]) {
		(void)err_set(e, ENOENT, "no sandbox '%s' runs", name);
		return err_hint(e, "sbxctl list --all shows those that do, or did");
	}
	*ret = found[runs];
	return 0;
}

/* The name of the program may have blanks and parentheses: fields count from the last one. */
uint64_t live_start_time(pid_t pid)
{
	enum { FIELD = 22 };
	autofree char *path = xasprintf("/proc/%d/stat", pid);
	char text[2048];
	const char *p = fd_read_file(AT_FDCWD, path, text, sizeof text) > 0 ? strrchr(text, ')') : NULL;

	for (int field = 2; p && field < FIELD; field++) {
		p = strchr(p, ' ');
		p += p != NULL;
	}
	return p ? strtoull(p, NULL, 10) : 0;
}

/* The pid is of the process that is meant if the monitor, who has not waited for it, lives after the pidfd was opened.
 */
static int open_process(const char *path, const struct live_entry *entry, pid_t pid, uint64_t start, struct err *e)
{
	autoclose int folder = live_open_folder(path, e), fd = -1;

	if (folder < 0)
		return folder == -ENOENT ? err_set(e, ESRCH, "'%s' has ended", entry->name) : folder;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 && errno != ESRCH)
		return err_errno(e, errno, "open a process of '%s'", entry->name);
	if (fd < 0 || live_start_time(pid) != start || !is_alive(folder, entry->name, false))
		return err_set(e, ESRCH, "'%s' has ended", entry->name);
	return take_fd(&fd);
}

int live_open_init(const char *folder, const struct live_entry *entry, struct err *e)
{
	return open_process(folder, entry, entry->init, entry->init_start, e);
}

int live_open_monitor(const char *folder, const struct live_entry *entry, struct err *e)
{
	return open_process(folder, entry, entry->monitor, entry->monitor_start, e);
}

int live_plan(const char *path, const struct live_entry *entry, struct str *ret, struct err *e)
{
	autoclose int folder = live_open_folder(path, e);
	int r = folder < 0 ? folder : live_read_file(folder, entry->name, LIVE_PLAN, ret, e);

	return r == -ENOENT ? err_set(e, ESRCH, "'%s' has ended", entry->name) : r;
}
