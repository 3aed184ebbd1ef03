/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live: what the words for sandboxes share. */
#include "ctl/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/units.h"

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

int live_known(const struct ctl *ctl, struct live_list *ret, struct err *e)
{
	int r = live_all(ctl, ret, e);

	return r < 0 || !ctl->host.runs ? r : ended_read(ctl->host.runs, ret, e);
}

int live_pick(struct live_list *list, const struct strv *names, struct err *e)
{
	autofree bool *named = xcalloc(list->count + 1, sizeof *named);
	size_t kept = 0;

	for (size_t i = 0; i < names->count; i++) {
		const struct live_entry *entry = NULL;
		int r = live_find(list, names->v[i], &entry, e);

		if (r < 0)
			return r;
		named[entry - list->v] = true;
	}
	for (size_t i = 0; names->count && i < list->count; i++) {
		struct live_entry entry = list->v[i];

		if (named[i])
			list->v[kept++] = entry;
		else
			live_entry_done(&entry);
	}
	if (names->count)
		list->count = kept;
	return 0;
}

/* One that ends by itself meanwhile is no failure where all are meant. */
static int do_one(const struct ctl *ctl, const struct live_entry *entry, struct live_words *words, struct rows *rows)
{
	struct err e = {0};
	int r;

	words->row = json_new_object();
	words->text = &rows->text;
	json_add_string(words->row, "name", entry->name);
	r = words->act(ctl, entry, words, &e);
	if (r == 0) {
		rows_add(rows, words->row);
		return 0;
	}
	json_done(words->row);
	return r > 0 || (words->all && e.code == ESRCH) ? 0 : rows_failed(rows, entry->name, &e);
}

int live_do(const struct ctl *ctl, const struct live_list *list, struct live_words *words, struct rows *rows)
{
	int status = 0;

	for (size_t i = 0; words->all && i < list->count; i++)
		status |= do_one(ctl, &list->v[i], words, rows);
	for (size_t i = 0; i < words->names.count && !words->all; i++) {
		const struct live_entry *entry = NULL;
		struct err e = {0};

		if (live_find(list, words->names.v[i], &entry, &e) < 0)
			status = rows_failed(rows, words->names.v[i], &e);
		else
			status |= do_one(ctl, entry, words, rows);
	}
	return status;
}

bool live_words_some(int argc, char **argv, live_act *act, struct live_words *ret)
{
	if (!live_words_read(argc, argv, ret))
		return false;
	ret->act = act;
	if (ret->names.count || ret->all)
		return true;
	live_words_done(ret);
	(void)ctl_usage("a name is missing, or --all");
	return false;
}

int live_each(struct ctl *ctl, int argc, char **argv, live_act *act)
{
	struct live_list list = {0};
	struct live_words words;
	struct err e = {0};
	struct rows rows;
	int status;

	if (!live_words_some(argc, argv, act, &words))
		return 2;
	rows_begin(&rows, "sandboxes", words.json);
	status = live_all(ctl, &list, &e) < 0 ? ctl_fail(&e, 1) : live_do(ctl, &list, &words, &rows);
	live_list_done(&list);
	live_words_done(&words);
	return rows_end(&rows, NULL, 0, status);
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
