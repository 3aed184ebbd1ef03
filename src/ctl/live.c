/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live: sbxctl list and inspect, and what the other words share. */
#include "ctl/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/units.h"
#include "ctl/grant.h"
#include "plan/plan.h"

enum { GRACE_SECONDS = 10 };

static int signal_of(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},     {"QUIT", SIGQUIT}, {"ABRT", SIGABRT},
		       {"USR1", SIGUSR1}, {"USR2", SIGUSR2},   {"TERM", SIGTERM}, {"CONT", SIGCONT},
		       {"TSTP", SIGTSTP}, {"WINCH", SIGWINCH}, {"KILL", SIGKILL}};

	if (str_starts(text, "SIG"))
		text += 3;
	for (size_t i = 0; i < countof(signals); i++)
		if (str_eq(text, signals[i].name))
			return signals[i].number;
	return 0;
}

static bool read_option(const char *word, struct live_words *ret)
{
	struct err e = {0};
	uint64_t ns;

	if (str_eq(word, "--json"))
		ret->json = true;
	else if (str_eq(word, "--all") || str_eq(word, "-a"))
		ret->all = true;
	else if (str_eq(word, "--follow") || str_eq(word, "-f"))
		ret->follow = true;
	else if (str_starts(word, "--signal="))
		return (ret->signal = signal_of(word + strlen("--signal="))) != 0;
	else if (str_starts(word, "--grace=") && units_time(word + strlen("--grace="), &ns, &e) == 0)
		ret->grace_ns = (int64_t)ns;
	else
		return false;
	return true;
}

bool live_words_read(int argc, char **argv, struct live_words *ret)
{
	*ret = (struct live_words){.grace_ns = (int64_t)GRACE_SECONDS * NS_PER_SECOND};
	for (int i = 0; i < argc; i++) {
		autofree char *text = NULL;

		if (str_eq(argv[i], "-s") && i + 1 < argc && (ret->signal = signal_of(argv[i + 1]))) {
			i++;
			continue;
		}
		if (argv[i][0] != '-') {
			strv_add(&ret->names, argv[i]);
			continue;
		}
		if (read_option(argv[i], ret))
			continue;
		text = xasprintf("'%s' is no option here, or has no good value", argv[i]);
		live_words_done(ret);
		(void)ctl_usage(text);
		return false;
	}
	return true;
}

void live_words_done(struct live_words *words)
{
	strv_done(&words->names);
}

int live_all(const struct ctl *ctl, struct live_list *ret, struct err *e)
{
	return ctl->host.live ? live_read(ctl->host.live, ret, e) : 0;
}

int live_each(struct ctl *ctl, int argc, char **argv,
	      int (*act)(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words,
			 struct err *e))
{
	struct live_list list = {0};
	struct live_words words;
	struct err e = {0};
	int status = 0;

	if (!live_words_read(argc, argv, &words))
		return 2;
	if (!words.names.count && !words.all) {
		live_words_done(&words);
		return ctl_usage("a name is missing, or --all");
	}
	if (live_all(ctl, &list, &e) < 0)
		status = ctl_fail(&e, 1);
	for (size_t i = 0; !status && words.all && i < list.count; i++)
		if (act(ctl, &list.v[i], &words, &e) < 0 && e.code != ESRCH) /* it may have ended by itself */
			status = ctl_fail(&e, 1);
	for (size_t i = 0; i < words.names.count && !words.all; i++) {
		const struct live_entry *entry = NULL;

		if (live_find(&list, words.names.v[i], &entry, &e) < 0 || act(ctl, entry, &words, &e) < 0)
			status = ctl_fail(&e, 1);
	}
	live_list_done(&list);
	live_words_done(&words);
	return status;
}

int live_wait(int pidfd, int64_t most_ns, struct err *e)
{
	int64_t until = most_ns < 0 ? INT64_MAX : clock_ns(CLOCK_MONOTONIC) + most_ns;

	for (;;) {
		struct pollfd ended = {.fd = pidfd, .events = POLLIN};
		int64_t left = until - clock_ns(CLOCK_MONOTONIC);
		struct timespec timeout = {0};
		int r;

		if (left > 0)
			timeout = (struct timespec){left / NS_PER_SECOND, left % NS_PER_SECOND};
		r = ppoll(&ended, 1, most_ns < 0 ? NULL : &timeout, NULL);
		if (r >= 0 || errno != EINTR)
			return r < 0 ? err_errno(e, errno, "wait for a process") : r;
	}
}

void live_age(int64_t since, char *ret, size_t size)
{
	int64_t age = time(NULL) - since;

	if (age < 120)
		(void)snprintf(ret, size, "%lld s", (long long)(age < 0 ? 0 : age));
	else if (age < 7200)
		(void)snprintf(ret, size, "%lld min", (long long)age / 60);
	else if (age < 172800)
		(void)snprintf(ret, size, "%lld h", (long long)age / 3600);
	else
		(void)snprintf(ret, size, "%lld d", (long long)age / 86400);
}

static int64_t number_of(const struct json *record, const char *name)
{
	const char *text = json_text(json_member(record, name));

	return text ? strtoll(text, NULL, 10) : 0;
}

/* Of strangers' bytes nothing reaches the terminal as it is. */
static void add_words(struct str *out, const struct json *list, size_t most)
{
	size_t begin = out->len;

	for (size_t i = 0; i < json_count(list); i++) {
		const char *word = json_text(json_at(list, i));

		str_add(out, i ? " " : "");
		str_add_escaped(out, word ? word : "?", true);
		if (out->len - begin > most) {
			out->len = begin + most;
			while (out->len > begin && (out->s[out->len] & 0xc0) == 0x80) /* a whole character */
				out->len--;
			out->s[out->len] = '\0';
			str_add(out, "...");
			return;
		}
	}
}

static void add_line(struct str *out, const struct live_entry *entry)
{
	const struct json *profile = json_member(entry->record, "profile");
	const char *first =
		json_kind(profile) == JSON_ARRAY && json_count(profile) ? json_text(json_at(profile, 0)) : NULL;
	char age[32];

	live_age(number_of(entry->record, "since"), age, sizeof age);
	str_addf(out, "%-24s %8d %8s  ", entry->name, (int)entry->monitor, age);
	str_addf(out, "%-12.40s ", first ? first : "-");
	add_words(out, json_member(entry->record, "command"), 60);
	str_add(out, "\n");
}

int ctl_list(struct ctl *ctl, int argc, char **argv)
{
	struct live_list list = {0};
	autostr struct str out = {0};
	struct live_words words;
	struct json *json = NULL;
	struct err e = {0};
	int status;

	if (!live_words_read(argc, argv, &words))
		return 2;
	if (words.names.count) {
		live_words_done(&words);
		return ctl_usage("list [--json]");
	}
	status = live_all(ctl, &list, &e) < 0 ? ctl_fail(&e, 1) : 0;
	if (words.json)
		json = json_new_array();
	else if (list.count)
		str_addf(&out, "%-24s %8s %8s  %-12s %s\n", "NAME", "PID", "AGE", "PROFILE", "COMMAND");
	for (size_t i = 0; i < list.count; i++) {
		if (json)
			json_append(json, json_share(list.v[i].record));
		else
			add_line(&out, &list.v[i]);
	}
	if (json)
		json_print(json, &out);
	json_done(json);
	live_list_done(&list);
	return status ? status : ctl_print(&out);
}

/* The record, what runs in it, and the plan that it was made by. */
static int inspect(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	struct live_list one = {.v = (struct live_entry *)(uintptr_t)entry, .count = 1};
	struct live_use *use = live_uses(&one);
	autostr struct str bytes = {0}, out = {0};
	struct plan plan = {0};
	int r = live_plan(ctl->host.live, entry, &bytes, e);

	(void)words;
	if (r == 0)
		r = plan_decode(&bytes, &plan, e);
	if (r == 0) {
		json_print(entry->record, &out);
		str_addf(&out, "\nprocesses: %llu, memory: %llu bytes, processor time: %.2f s\n",
			 (unsigned long long)use->processes, (unsigned long long)use->memory,
			 (double)use->cpu_ns / NS_PER_SECOND);
		r = grant_show(ctl, entry, &out, e);
	}
	if (r == 0) {
		str_add(&out, "\n");
		plan_print(&plan, &out);
		(void)ctl_print(&out);
	}
	plan_done(&plan);
	live_uses_done(use, 1);
	return r;
}

int ctl_inspect(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, inspect);
}
