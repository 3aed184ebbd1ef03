/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-top: sbxctl stats, top and events. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/live.h"

static void show_seconds(struct str *out, const struct json *value)
{
	str_addf(out, "%.2f", strtod(json_text(value), NULL));
}

static void show_percent(struct str *out, const struct json *value)
{
	str_addf(out, "%.1f", strtod(json_text(value), NULL) * 100);
}

static const struct column columns[] = {{"NAME", "name", -24, NULL},
					{"PROCESSES", "processes", 9, NULL},
					{"MEMORY/M", "memory_bytes", 10, show_mebibytes},
					{"CPU/S", "cpu_s", 10, show_seconds},
					{"CPU%", "cpu_share", 6, show_percent}};

static int chosen(const struct ctl *ctl, const struct live_words *words, struct live_list *ret, struct err *e)
{
	int r = live_all(ctl, ret, e);

	return r < 0 ? r : live_pick(ret, &words->names, e);
}

static struct json *add_row(struct rows *rows, const struct live_entry *entry, const struct live_use *use)
{
	struct json *row = json_new_object();

	json_add_string(row, "name", entry->name);
	live_use_add(row, use);
	rows_add(rows, row);
	return row;
}

int ctl_stats(struct ctl *ctl, int argc, char **argv)
{
	struct live_list list = {0};
	struct live_words words;
	struct live_use *uses;
	struct err e = {0};
	struct rows rows;
	int status = 0;

	if (!live_words_read(argc, argv, &words))
		return 2;
	rows_begin(&rows, "sandboxes", words.json);
	if (chosen(ctl, &words, &list, &e) < 0)
		status = ctl_fail(&e, 1);
	uses = live_uses(&list);
	for (size_t i = 0; !status && i < list.count; i++)
		(void)add_row(&rows, &list.v[i], &uses[i]);
	live_uses_done(uses, list.count);
	live_list_done(&list);
	live_words_done(&words);
	return rows_end(&rows, columns, countof(columns) - 1, status);
}

/* What one sandbox had used at the last look. */
struct seen {
	char *name; /* owned */
	int64_t cpu_ns;
};

static double share_of(const struct seen *seen, size_t count, const struct live_entry *entry,
		       const struct live_use *use, int64_t since)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(seen[i].name, entry->name) && since > 0 && use->cpu_ns >= seen[i].cpu_ns)
			return (double)(use->cpu_ns - seen[i].cpu_ns) / (double)since;
	return 0;
}

static void forget(struct seen *seen, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(seen[i].name);
	free(seen);
}

struct top {
	const struct ctl *ctl;
	const struct live_words *words;
	struct seen *seen;
	size_t count;
	bool terminal;
};

static int show(struct top *top, int64_t since, struct err *e)
{
	struct live_list list = {0};
	struct live_use *uses;
	struct rows rows;
	struct seen *now;
	int r = chosen(top->ctl, top->words, &list, e);

	if (r < 0) {
		live_list_done(&list);
		return r;
	}
	uses = live_uses(&list);
	now = xcalloc(list.count + 1, sizeof *now);
	rows_begin(&rows, "sandboxes", top->words->json);
	if (top->terminal)
		str_add(&rows.text, "\033[H\033[2J");
	for (size_t i = 0; i < list.count; i++) {
		struct json *row = add_row(&rows, &list.v[i], &uses[i]);

		json_add_double(row, "cpu_share", share_of(top->seen, top->count, &list.v[i], &uses[i], since));
		now[i] = (struct seen){xstrdup(list.v[i].name), uses[i].cpu_ns};
	}
	forget(top->seen, top->count);
	top->seen = now;
	top->count = list.count;
	live_uses_done(uses, list.count);
	live_list_done(&list);
	return rows_end_line(&rows, columns, countof(columns)) ? err_set(e, EIO, "standard output can't be written")
							       : 0;
}

/* A live table on a terminal, until a signal or a key; elsewhere it is printed twice. */
int ctl_top(struct ctl *ctl, int argc, char **argv)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct live_words words;
	struct top top = {.ctl = ctl, .words = &words};
	int64_t before = 0;
	struct err e = {0};

	if (!live_words_read(argc, argv, &words))
		return 2;
	top.terminal = terminal && !words.json;
	for (int round = 0; terminal || round < 2; round++) {
		struct pollfd key = {.fd = terminal ? STDIN_FILENO : -1, .events = POLLIN};
		int64_t now = clock_ns(CLOCK_MONOTONIC);

		if (show(&top, before ? now - before : 0, &e) < 0)
			break;
		before = now;
		if ((terminal || !round) && poll(&key, 1, 1000) > 0)
			break;
	}
	forget(top.seen, top.count);
	live_words_done(&words);
	return e.code ? ctl_fail(&e, 1) : 0;
}

/* No names: all are meant. One that begins so may come yet. */
static bool is_meant(const struct strv *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_starts(name, names->v[i]))
			return true;
	return !names->count;
}

static int print_event(const struct strv *names, const char *event, const char *name)
{
	struct json *item = json_new_object();
	struct rows rows;

	if (!is_meant(names, name)) {
		json_done(item);
		return 0;
	}
	rows_begin(&rows, "events", true);
	json_add_int(item, "time", time(NULL));
	json_add_string(item, "event", event);
	json_add_string(item, "name", name);
	rows_add(&rows, item);
	return rows_end_line(&rows, NULL, 0);
}

/* A record appears when a command runs, and a lock goes when all is over. */
static int take_event(const struct strv *names, const struct inotify_event *event)
{
	size_t len = event->len ? strlen(event->name) : 0;
	bool started = event->mask & IN_MOVED_TO;
	const char *suffix = started ? ".json" : ".lock";
	autofree char *name = NULL;

	if (len <= strlen(suffix) || !str_eq(event->name + len - strlen(suffix), suffix))
		return 0;
	name = xstrndup(event->name, len - strlen(suffix));
	return print_event(names, started ? "started" : "ended", name);
}

/* Until standard output can't be written any more. */
static int print_changes(const struct strv *names, int changes, struct err *e)
{
	char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(changes, buffer, sizeof buffer)) > 0 || errno == EINTR)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(buffer + at);

			if (take_event(names, event))
				return err_set(e, EPIPE, "standard output can't be written");
			at += (ssize_t)(sizeof *event + event->len);
		}
	return err_errno(e, errno, "watch what runs");
}

int ctl_events(struct ctl *ctl, int argc, char **argv)
{
	autoclose int changes = inotify_init1(IN_CLOEXEC);
	struct live_list list = {0};
	struct live_words words;
	struct err e = {0};
	int r = 0;

	if (!live_words_read(argc, argv, &words))
		return 2;
	if (changes < 0 || !ctl->host.live ||
	    inotify_add_watch(changes, ctl->host.live, IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0)
		r = err_errno(&e, errno, "watch '%s'", ctl->host.live ? ctl->host.live : "the folder of what runs");
	if (r == 0)
		r = live_all(ctl, &list, &e);
	for (size_t i = 0; r == 0 && i < list.count; i++)
		(void)print_event(&words.names, "running", list.v[i].name);
	live_list_done(&list);
	if (r == 0)
		r = print_changes(&words.names, changes, &e);
	live_words_done(&words);
	return r < 0 ? ctl_fail(&e, 1) : 0;
}
