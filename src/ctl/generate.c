/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate: sbxctl generate systemd: what restarts a sandbox, and starts it at boot, is systemd. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/child.h"
#include "base/mem.h"
#include "ctl/live.h"
#include "ctl/unit.h"
#include "policy/argv-own.h"
#include "policy/argv.h"

struct order {
	bool user, system;
	const char *output; /* -o; NULL: standard output */
	const char *name;   /* of a sandbox that is known; NULL: the words are given */
	struct strv words;  /* of sbx, without its name */
	char *folder;       /* owned */
};

static void order_done(struct order *order)
{
	strv_done(&order->words);
	mem_free_ptr(&order->folder);
}

static bool parse(struct order *order, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--")) {
			for (i++; i < argc; i++)
				strv_add(&order->words, argv[i]);
			break;
		}
		if (str_eq(argv[i], "--user"))
			order->user = true;
		else if (str_eq(argv[i], "--system"))
			order->system = true;
		else if (str_eq(argv[i], "-o") && i + 1 < argc)
			order->output = argv[++i];
		else if (str_starts(argv[i], "--output="))
			order->output = argv[i] + strlen("--output=");
		else if (argv[i][0] != '-' && !order->name)
			order->name = argv[i];
		else
			return false;
	}
	return !order->name != !order->words.count && !(order->user && order->system);
}

/* The words that a sandbox was started with, and where. */
static int find_words(const struct ctl *ctl, struct order *order, struct err *e)
{
	const struct live_entry *entry = NULL;
	struct live_list list = {0};
	const struct json *words;
	const char *folder;
	int r = live_known(ctl, &list, e);

	if (r == 0)
		r = live_find(&list, order->name, &entry, e);
	if (r == 0) {
		words = json_member(entry->record, "words");
		folder = json_text(json_member(entry->record, "folder"));
		for (size_t i = 0; json_kind(words) == JSON_ARRAY && i < json_count(words); i++)
			if (json_text(json_at(words, i)))
				strv_add(&order->words, json_text(json_at(words, i)));
		if (!folder || !order->words.count) {
			(void)err_set(e, ENOENT, "the words that '%s' was started with are not known", entry->name);
			r = err_hint(e, "sbxctl generate systemd -- SBX-WORDS...");
		} else {
			order->folder = xstrdup(folder);
		}
	}
	live_list_done(&list);
	return r;
}

/* How many words an option has. 0: it is none, and the command begins; or "--". */
static size_t option_words(const char *word)
{
	bool is_long = str_starts(word, "--"), attached = is_long ? strchr(word, '=') != NULL : word[1] && word[2];

	if (word[0] != '-' || !word[1] || str_eq(word, "--"))
		return 0;
	for (size_t i = 0; i < own_option_count; i++) {
		const struct own_option *option = &own_options[i];

		if (is_long ? str_eq(option->name, word + 2) : option->letter == word[1])
			return option->metavar && !option->optional && !attached ? 2 : 1;
	}
	return attached ? 1 : 2; /* the shorthands all take a value */
}

/* systemd is who has it in the background, and the unit's line has its name already. */
static void drop(const struct strv *words, struct strv *ret)
{
	size_t i = 0, n;

	while (i < words->count && (n = option_words(words->v[i]))) {
		bool keep = !str_eq(words->v[i], "--detach") && !str_starts(words->v[i], "--detach=") &&
			    !str_eq(words->v[i], "--name") && !str_starts(words->v[i], "--name=");

		for (; n && i < words->count; n--, i++)
			if (keep)
				strv_add(ret, words->v[i]);
	}
	if (i < words->count && !str_eq(words->v[i], "--"))
		strv_add(ret, "--");
	for (; i < words->count; i++)
		strv_add(ret, words->v[i]);
}

/* That sbx takes the words. The name is theirs, or else that of the command; owned by the caller. */
static char *read_words(const struct strv *words, struct err *e)
{
	autostrv struct strv all = {0};
	struct request request = {0};
	const char *name = "image";
	char *file = NULL;

	strv_add(&all, "sbx");
	strv_add_all(&all, words);
	if (argv_parse((int)all.count, all.v, &request, e) == 0) {
		if (*request.command)
			name = strrchr(*request.command, '/') ? strrchr(*request.command, '/') + 1 : *request.command;
		if (request.action != ACTION_RUN || request.join)
			(void)err_set(e, EINVAL,
				      "these words start no sandbox: --explain, --batch, --join, --help, --version");
		else
			file = live_file_name(request.name ? request.name : name);
	}
	request_done(&request);
	return file;
}

static int generate(const struct ctl *ctl, struct order *order, struct str *out, struct err *e)
{
	autofree char *name = NULL, *sbx = child_sbx(e);
	autostrv struct strv words = {0};
	struct unit unit = {.sbx = sbx, .words = &words, .system = order->system};

	if (!sbx)
		return -e->code;
	if (order->name && find_words(ctl, order, e) < 0)
		return -e->code;
	if (!order->folder && ctl->host.cwd)
		order->folder = xstrdup(ctl->host.cwd);
	if (!order->folder)
		return err_set(e, ENOENT, "the working directory can't be reached");
	name = read_words(&order->words, e);
	if (!name)
		return -e->code;
	drop(&order->words, &words);
	unit.name = name;
	unit.folder = order->folder;
	unit.user = order->system && ctl->host.uid ? ctl->host.user : NULL;
	return unit_write(&unit, out, e);
}

static int write_out(const struct order *order, const struct str *text, struct err *e)
{
	autoclose int fd = open(order->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r = fd < 0 ? -errno : fd_write(fd, text->s, text->len);

	return r < 0 ? err_errno(e, -r, "write '%s'", order->output) : 0;
}

int ctl_generate(struct ctl *ctl, int argc, char **argv)
{
	autostr struct str out = {0};
	struct order order = {0};
	struct err e = {0};
	int status = 0;

	if (argc < 1 || !str_eq(argv[0], "systemd") || !parse(&order, argc - 1, argv + 1)) {
		order_done(&order);
		return ctl_usage("generate systemd [--user|--system] [-o FILE] NAME, or -- SBX-WORDS...");
	}
	order.system |= !order.user && ctl->host.uid == 0;
	if (generate(ctl, &order, &out, &e) < 0 || (order.output && write_out(&order, &out, &e) < 0))
		status = ctl_fail(&e, 1);
	else if (!order.output)
		status = ctl_print(&out);
	order_done(&order);
	return status;
}
