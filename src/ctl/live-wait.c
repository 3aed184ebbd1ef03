/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-wait: sbxctl wait, logs and forget: of sandboxes that run, or have ended. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "box/clear.h"
#include "ctl/live.h"

enum { LOG_MAX = 64 << 20 }; /* of a log in JSON */

/* Only those leave a log and a report; another of the same name may have left one before. */
static bool is_detached(const struct live_entry *entry)
{
	const char *detached = json_text(json_member(entry->record, "detached"));

	return !entry->monitor || (detached && str_eq(detached, "true"));
}

/* `ret`: a pidfd; -1: it has ended. */
static int open_if_it_runs(const struct ctl *ctl, const struct live_entry *entry, int *ret, struct err *e)
{
	int fd = entry->monitor ? live_open_monitor(ctl->host.live, entry, e) : -ESRCH;

	*ret = fd < 0 ? -1 : fd;
	return fd < 0 && fd != -ESRCH ? fd : 0;
}

/* Of one that has ended already, its report tells. */
static int wait_for(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words,
		    struct err *e)
{
	autoclose int monitor = -1;
	int status, r = open_if_it_runs(ctl, entry, &monitor, e);

	if (r == 0 && monitor >= 0)
		r = live_wait(monitor, -1, e);
	if (r < 0)
		return r;
	status = is_detached(entry) && ctl->host.runs ? ended_status(ctl->host.runs, entry->name) : -1;
	json_add_null(words->row, "status");
	if (status >= 0)
		json_add_int(words->row, "status", status);
	return 0;
}

/* The first that is not 0. */
static int worst_status(const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const char *text = json_text(json_member(json_at(list, i), "status"));
		int status = text ? (int)strtol(text, NULL, 10) : 0;

		if (status)
			return status;
	}
	return 0;
}

int ctl_wait(struct ctl *ctl, int argc, char **argv)
{
	static const struct column columns[] = {{"NAME", "name", -24, NULL}, {"STATUS", "status", 0, NULL}};
	struct live_list list = {0};
	struct live_words words;
	struct err e = {0};
	struct rows rows;
	bool many;
	int status;

	if (!live_words_some(argc, argv, wait_for, &words))
		return 2;
	many = words.all || words.names.count > 1;
	rows_begin(&rows, "sandboxes", words.json);
	status = (words.all ? live_all(ctl, &list, &e) : live_known(ctl, &list, &e)) < 0
			 ? ctl_fail(&e, 1)
			 : live_do(ctl, &list, &words, &rows);
	if (!status)
		status = worst_status(rows.list);
	live_list_done(&list);
	live_words_done(&words);
	return rows_end(&rows, columns, many ? countof(columns) : 0, status);
}

static int show_rest(int fd)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		if (fd_write(STDOUT_FILENO, bytes, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/* Until the sandbox has ended, and a last time. */
static int follow(int fd, const char *path, int monitor)
{
	autoclose int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd events[] = {{.fd = changes, .events = POLLIN}, {.fd = monitor, .events = POLLIN}};
	char drain[4096];

	if (changes < 0 || inotify_add_watch(changes, path, IN_MODIFY) < 0)
		return -1;
	while (!events[1].revents) {
		if (show_rest(fd) < 0 || (poll(events, countof(events), -1) < 0 && errno != EINTR))
			return -1;
		(void)!read(changes, drain, sizeof drain);
	}
	return show_rest(fd);
}

static int log_in_json(int fd, struct json *row, struct err *e)
{
	autostr struct str bytes = {0};
	int r = fd_read_all(fd, LOG_MAX, &bytes);

	if (r < 0)
		return err_errno(e, -r, "read the log");
	str_add(&bytes, "");
	json_add_bytes(row, "log", &bytes);
	return 0;
}

static int show_log(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words,
		    struct err *e)
{
	autofree char *path = ctl->host.runs ? xasprintf("%s/%s/log", ctl->host.runs, entry->name) : NULL;
	autoclose int fd = -1, monitor = -1;
	int r;

	if (words->all && !is_detached(entry))
		return 1;
	if (path && is_detached(entry))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		(void)err_errno(e, path && is_detached(entry) ? errno : ENOENT, "open the log of '%s'", entry->name);
		return err_hint(e, "sandboxes that were started by --detach have one");
	}
	if (words->json)
		return log_in_json(fd, words->row, e);
	if (words->all || words->names.count > 1) {
		autofree char *head = xasprintf("==> %s <==\n", entry->name);

		if (fd_write(STDOUT_FILENO, head, strlen(head)) < 0)
			return err_set(e, EIO, "standard output can't be written");
	}
	r = words->follow ? open_if_it_runs(ctl, entry, &monitor, e) : 0;
	if (r < 0)
		return r;
	r = monitor >= 0 ? follow(fd, path, monitor) : show_rest(fd);
	return r < 0 ? err_set(e, EIO, "the log of '%s' can't be read, or written on", entry->name) : 0;
}

/* A word for those that run, and those that have ended. */
static int each_known(struct ctl *ctl, struct live_words *words)
{
	struct live_list list = {0};
	struct err e = {0};
	struct rows rows;
	int status;

	rows_begin(&rows, "sandboxes", words->json);
	status = live_known(ctl, &list, &e) < 0 ? ctl_fail(&e, 1) : live_do(ctl, &list, words, &rows);
	live_list_done(&list);
	live_words_done(words);
	return rows_end(&rows, NULL, 0, status);
}

int ctl_logs(struct ctl *ctl, int argc, char **argv)
{
	struct live_words words;

	if (!live_words_some(argc, argv, show_log, &words))
		return 2;
	if (words.follow && (words.json || words.all || words.names.count > 1)) {
		live_words_done(&words);
		return ctl_usage("logs --follow is for one sandbox, without --json");
	}
	return each_known(ctl, &words);
}

/* Nobody can start one of that name meanwhile: the name is ours. */
static int forget(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int runs = -1;
	struct live name = LIVE_NONE;
	int r;

	if (entry->monitor && words->all)
		return 1;
	if (entry->monitor) {
		(void)err_set(e, EBUSY, "'%s' runs", entry->name);
		return err_hint(e, "sbxctl stop ends it");
	}
	r = ctl->host.live ? live_claim(ctl->host.live, entry->name, &name, e)
			   : err_set(e, ENOENT, "the caller has no folder for the names of what runs");
	if (r < 0)
		return r == -EBUSY && words->all ? 1 : r;
	runs = open(ctl->host.runs, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	r = runs < 0 ? err_errno(e, errno, "open '%s'", ctl->host.runs) : clear_tree(runs, entry->name, e);
	live_let_go(&name);
	json_add_string(words->row, "done", "forgotten");
	return r < 0 ? err_prefix(e, "forget '%s'", entry->name) : 0;
}

int ctl_forget(struct ctl *ctl, int argc, char **argv)
{
	struct live_words words;

	return live_words_some(argc, argv, forget, &words) ? each_known(ctl, &words) : 2;
}
