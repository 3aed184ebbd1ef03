/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grant: sbxctl grant, revoke and limit, and what inspect shows of them. */
#include "ctl/grant.h"

#include <string.h>

#include "base/mem.h"
#include "ctl/live.h"
#include "ctl/rows.h"
#include "granting.h"
#include "limiting.h"
#include "live/changes.h"

struct words {
	char *word[2];
	int count;
	const char *at;
	bool write;
};

static bool read_words(int argc, char **argv, bool options, struct words *ret)
{
	bool ended = false;

	*ret = (struct words){0};
	for (int i = 0; i < argc; i++) {
		if (!ended && str_eq(argv[i], "--")) {
			ended = true;
		} else if (!ended && options && str_eq(argv[i], "--write")) {
			ret->write = true;
		} else if (!ended && options && str_starts(argv[i], "--at=") && argv[i][strlen("--at=")]) {
			ret->at = argv[i] + strlen("--at=");
		} else if ((!ended && argv[i][0] == '-') || ret->count == 2 || !argv[i][0]) {
			return false;
		} else {
			ret->word[ret->count++] = argv[i];
		}
	}
	return ret->count == 2;
}

static int find(const struct ctl *ctl, const char *name, struct live_list *list, const struct live_entry **ret,
		struct err *e)
{
	int r = live_all(ctl, list, e);

	return r < 0 ? r : live_find(list, name, ret, e);
}

int ctl_grant(struct ctl *ctl, int argc, char **argv)
{
	struct granting g = {.host = &ctl->host, .variables = &ctl->variables};
	bool json = rows_asked(&argc, argv);
	struct live_list list = {0};
	autofree char *at = NULL;
	struct words words;
	struct err e = {0};
	struct rows rows;
	int r, status = 0;

	if (!read_words(argc, argv, true, &words))
		return ctl_usage("grant NAME PATH [--write] [--at=PATH]");
	g.path = words.word[1];
	g.at = words.at;
	g.write = words.write;
	rows_begin(&rows, "sandboxes", json);
	r = find(ctl, words.word[0], &list, &g.entry, &e);
	if (r == 0)
		r = grant_path(&g, &at, &e);
	if (r < 0) {
		status = rows_failed(&rows, words.word[0], &e);
	} else {
		str_addf(&rows.text, "%s\n", at);
		json_add_string(rows_did(&rows, g.entry->name, "granted"), "at", at);
	}
	live_list_done(&list);
	return rows_end(&rows, NULL, 0, status);
}

int ctl_revoke(struct ctl *ctl, int argc, char **argv)
{
	struct granting g = {.host = &ctl->host, .variables = &ctl->variables};
	bool json = rows_asked(&argc, argv);
	struct live_list list = {0};
	struct words words;
	struct err e = {0};
	struct rows rows;
	const char *stays = NULL;
	int r, status = 0;

	if (!read_words(argc, argv, false, &words))
		return ctl_usage("revoke NAME PATH");
	g.path = words.word[1];
	rows_begin(&rows, "sandboxes", json);
	r = find(ctl, words.word[0], &list, &g.entry, &e);
	if (r == 0)
		r = revoke_path(&g, &stays, &e);
	if (r < 0) {
		status = rows_failed(&rows, words.word[0], &e);
	} else {
		str_addf(&rows.text, "no path leads there any more; %s\n", stays);
		json_add_string(rows_did(&rows, g.entry->name, "revoked"), "stays", stays);
	}
	live_list_done(&list);
	return rows_end(&rows, NULL, 0, status);
}

int ctl_limit(struct ctl *ctl, int argc, char **argv)
{
	struct limiting l = {.host = &ctl->host, .variables = &ctl->variables};
	bool json = rows_asked(&argc, argv);
	struct live_list list = {0};
	struct err e = {0};
	struct rows rows;
	int r, status = 0;

	if (argc < 2 || argv[0][0] == '-')
		return ctl_usage("limit NAME KEY=VALUE...");
	l.words = argv + 1;
	l.count = (size_t)argc - 1;
	rows_begin(&rows, "sandboxes", json);
	r = find(ctl, argv[0], &list, &l.entry, &e);
	if (r == 0)
		r = limit_sandbox(&l, &e);
	if (r < 0)
		status = rows_failed(&rows, argv[0], &e);
	else
		(void)rows_did(&rows, l.entry->name, "limited");
	live_list_done(&list);
	return rows_end(&rows, NULL, 0, status);
}

int grant_show(const struct ctl *ctl, const struct live_entry *entry, struct json *item, struct str *out, struct err *e)
{
	struct live_changes changes = LIVE_CHANGES_NONE;
	int r = live_changes_read(ctl->host.live, entry, &changes, e);

	for (size_t i = 0; r == 0 && i < changes.grants; i++) {
		str_add(out, "granted: ");
		str_add_escaped(out, changes.grant[i].path, true);
		str_add(out, " at ");
		str_add_escaped(out, changes.grant[i].at, true);
		str_addf(out, ", %s\n", changes.grant[i].write ? "writable" : "read-only");
	}
	for (size_t i = 0; r == 0 && i < changes.limits; i++) {
		str_addf(out, "changed: limits.%s = ", changes.limit[i].key);
		str_add_escaped(out, changes.limit[i].value, true);
		str_add(out, "\n");
	}
	if (r == 0)
		live_changes_json(&changes, item);
	live_changes_done(&changes);
	return r;
}
