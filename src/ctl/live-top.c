/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-top: sbxctl stats, top and events. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/live.h"

static struct json *use_json(const struct live_entry *entry, const struct live_use *use)
{
	struct json *json = json_new_object();

	json_add_string(json, "name", entry->name);
	json_add_uint(json, "processes", use->processes);
	json_add_uint(json, "memory_bytes", use->memory);
	json_add_double(json, "cpu_s", (double)use->cpu_ns / NS_PER_SECOND);
	return json;
}

/* `share`: of one processor, since the look before; negative: not known. */
static void add_line(struct str *out, const struct live_entry *entry, const struct live_use *use, double share)
{
	str_addf(out, "%-24s %9llu %10.1f %10.2f", entry->name, (unsigned long long)use->processes,
		 (double)use->memory / (1 << 20), (double)use->cpu_ns / NS_PER_SECOND);
	if (share >= 0)
		str_addf(out, " %6.1f", share * 100);
	str_add(out, "\n");
}

static void add_head(struct str *out, bool share)
{
	str_addf(out, "%-24s %9s %10s %10s%s\n", "NAME", "PROCESSES", "MEMORY/M", "CPU/S", share ? "   CPU%" : "");
}

int ctl_stats(struct ctl *ctl, int argc, char **argv)
{
	struct live_list list = {0};
	autostr struct str out = {0};
	struct live_words words;
	struct live_use *uses;
	struct json *json = NULL;
	struct err e = {0};
	int status;

	if (!live_words_read(argc, argv, &words))
		return 2;
	status = live_all(ctl, &list, &e) < 0 ? ctl_fail(&e, 1) : 0;
	uses = live_uses(&list);
	if (words.json)
		json = json_new_array();
	else if (list.count)
		add_head(&out, false);
	for (size_t i = 0; i < list.count; i++) {
		if (words.names.count && !strv_has(&words.names, list.v[i].name))
			continue;
		if (json)
			json_append(json, use_json(&list.v[i], &uses[i]));
		else
			add_line(&out, &list.v[i], &uses[i], -1);
	}
	if (json)
		json_print(json, &out);
	json_done(json);
	live_uses_done(uses, list.count);
	live_list_done(&list);
	live_words_done(&words);
	return status ? status : ctl_print(&out);
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

/* Takes `seen` over, and makes it anew. */
static int show(const struct ctl *ctl, struct seen **seen, size_t *count, int64_t since, struct err *e)
{
	struct live_list list = {0};
	autostr struct str out = {0};
	struct live_use *uses;
	struct seen *now;
	int r = live_all(ctl, &list, e);

	uses = live_uses(&list);
	now = xcalloc(list.count + 1, sizeof *now);
	if (isatty(STDOUT_FILENO))
		str_add(&out, "\033[H\033[2J");
	add_head(&out, true);
	for (size_t i = 0; i < list.count; i++) {
		add_line(&out, &list.v[i], &uses[i], share_of(*seen, *count, &list.v[i], &uses[i], since));
		now[i] = (struct seen){xstrdup(list.v[i].name), uses[i].cpu_ns};
	}
	forget(*seen, *count);
	*seen = now;
	*count = list.count;
	live_uses_done(uses, list.count);
	live_list_done(&list);
	return r < 0 ? r : ctl_print(&out) ? err_set(e, EIO, "standard output can't be written") : 0;
}

/* A live table on a terminal, until a signal or a key; elsewhere it is printed twice. */
int ctl_top(struct ctl *ctl, int argc, char **argv)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct seen *seen = NULL;
	size_t count = 0;
	int64_t before = 0;
	struct err e = {0};

	(void)argv;
	if (argc)
		return ctl_usage("top");
	for (int round = 0; terminal || round < 2; round++) {
		struct pollfd key = {.fd = terminal ? STDIN_FILENO : -1, .events = POLLIN};
		int64_t now = clock_ns(CLOCK_MONOTONIC);

		if (show(ctl, &seen, &count, before ? now - before : 0, &e) < 0)
			break;
		before = now;
		if ((terminal || !round) && poll(&key, 1, 1000) > 0)
			break;
	}
	forget(seen, count);
	return e.code ? ctl_fail(&e, 1) : 0;
}

static int print_event(const char *event, const char *name)
{
	autostr struct str out = {0};
	struct json *json = json_new_object();

	json_add_int(json, "time", time(NULL));
	json_add_string(json, "event", event);
	json_add_string(json, "name", name);
	json_print_line(json, &out);
	str_add(&out, "\n");
	json_done(json);
	return ctl_print(&out);
}

/* A record appears when a command runs, and a lock goes when all is over. */
static int take_event(const struct inotify_event *event)
{
	size_t len = event->len ? strlen(event->name) : 0;
	bool started = event->mask & IN_MOVED_TO;
	const char *suffix = started ? ".json" : ".lock";
	autofree char *name = NULL;

	if (len <= strlen(suffix) || !str_eq(event->name + len - strlen(suffix), suffix))
		return 0;
	name = xstrndup(event->name, len - strlen(suffix));
	return print_event(started ? "started" : "ended", name);
}

int ctl_events(struct ctl *ctl, int argc, char **argv)
{
	autoclose int changes = inotify_init1(IN_CLOEXEC);
	char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct live_list list = {0};
	struct err e = {0};
	ssize_t n;

	(void)argv;
	if (argc)
		return ctl_usage("events");
	if (changes < 0 || !ctl->host.live ||
	    inotify_add_watch(changes, ctl->host.live, IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0) {
		(void)err_errno(&e, errno, "watch '%s'", ctl->host.live ? ctl->host.live : "the folder of what runs");
		return ctl_fail(&e, 1);
	}
	if (live_all(ctl, &list, &e) < 0)
		return ctl_fail(&e, 1);
	for (size_t i = 0; i < list.count; i++)
		(void)print_event("running", list.v[i].name);
	live_list_done(&list);
	while ((n = read(changes, buffer, sizeof buffer)) > 0 || errno == EINTR)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(buffer + at);

			if (take_event(event))
				return 1;
			at += (ssize_t)(sizeof *event + event->len);
		}
	(void)err_errno(&e, errno, "watch what runs");
	return ctl_fail(&e, 1);
}
