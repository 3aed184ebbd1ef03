/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* complete-words: what the last word of a line of sbxctl may be, by the table of commands: what --help shows is what is
 * completed. The shells only show it: no shell reads a name, and none is offered that a shell would have to quote. */
#include <string.h>

#include "base/mem.h"
#include "box/store.h"
#include "ctl/home.h"
#include "ctl/desktop.h"
#include "ctl/image.h"
#include "ctl/live.h"

struct line {
	const struct ctl *ctl;
	const char *command;
	char **word; /* those after the command's own, without the last */
	int count;
	const char *last;
	struct strv found, help;
	bool files; /* so is any path */
};

/* One of a command's arguments, as the table has it: "[-o FILE]", "NAME...". */
struct item {
	char text[128]; /* without the brackets and dots around it */
	bool more;
};

static bool item_next(const char **at, struct item *ret)
{
	const char *from = *at + strspn(*at, " "), *end = from;
	int depth = 0;
	size_t len;

	for (; *end && (*end != ' ' || depth); end++)
		depth += (*end == '[') - (*end == ']');
	*at = end;
	if (end == from)
		return false;
	len = (size_t)(end - from);
	ret->more = len > 3 && strncmp(end - 3, "...", 3) == 0;
	len -= ret->more ? 3 : 0;
	if (*from == '[' && from[len - 1] == ']') {
		from++;
		len -= 2;
	}
	len = len < sizeof ret->text ? len : sizeof ret->text - 1;
	memcpy(ret->text, from, len);
	ret->text[len] = '\0';
	return true;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Does a command have a second word of its own, as `image list`? */
static bool has_second(const struct command *command)
{
	return command->args[0] >= 'a' && command->args[0] <= 'z';
}

static bool is_plain(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@+-";

	return *name && *name != '-' && !name[strspn(name, good)];
}

static void offer(struct line *line, const char *prefix, const char *word, const char *help)
{
	autofree char *all = xasprintf("%s%s", prefix, word);

	if (!str_starts(all, line->last) || strv_has(&line->found, all))
		return;
	strv_add(&line->found, all);
	strv_add(&line->help, help);
}

/* What can't be read has no names: a line that is being written is no place for errors. */
static void names_of(const struct line *line, const char *kind, struct strv *ret)
{
	struct image_store store = IMAGE_STORE_NONE;
	const struct ctl *ctl = line->ctl;
	struct live_list list = {0};
	struct err none = {0};

	if (str_eq(kind, "profile")) {
		(void)profile_names(&ctl->folders, ret, &none);
	} else if (str_eq(kind, "box")) {
		(void)store_names(ctl->host.boxes, ret, &none);
	} else if (str_eq(kind, "session")) {
		(void)store_names(ctl->host.sessions, ret, &none);
	} else if (str_eq(kind, "home")) {
		(void)home_names(ctl, ret, &none);
	} else if (str_eq(kind, "desktop")) {
		desk_names(ctl, ret);
	} else if (str_eq(kind, "image")) {
		if (image_store(ctl, STORE_READ, &store, &none) == 0)
			(void)store_refs(&store, ret, &none);
		image_store_close(&store);
	} else {
		(void)live_known(ctl, &list, &none);
		for (size_t i = 0; i < list.count; i++)
			strv_add(ret, list.v[i].name);
		live_list_done(&list);
	}
}

static void offer_names(struct line *line, const char *prefix, const char *kind)
{
	autostrv struct strv names = {0};

	names_of(line, kind, &names);
	for (size_t i = 0; i < names.count; i++)
		if (is_plain(names.v[i]))
			offer(line, prefix, names.v[i], "");
}

static void offer_keys(struct line *line, const char *prefix)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		autofree char *key = xasprintf("%s.%s=", settings[i].section, settings[i].key);

		offer(line, prefix, key, settings[i].help);
	}
}

/* The options of sbx, and the words that one of them may have. */
static void offer_settings(struct line *line)
{
	offer(line, "", "--profile=", "a profile");
	if (str_starts(line->last, "--profile="))
		offer_names(line, "--profile=", "profile");
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings[i];
		autofree char *option = s->shorthand ? xasprintf("--%s=", s->shorthand) : NULL;
		autofree char *choices = s->choices ? xstrdup(s->choices) : NULL;
		char *rest = choices, *choice;

		if (!option)
			continue;
		if (!str_starts(line->last, option)) {
			offer(line, "", option, s->help);
			continue;
		}
		line->files |= !choices;
		while (rest && (choice = strsep(&rest, " ")))
			offer(line, option, choice, "");
	}
}

/* What stands for a value: a word in capitals, after small ones that are meant as they are ("oci:FOLDER"). */
static void offer_value(struct line *line, const char *prefix, const char *value)
{
	static const char *const paths[] = {"FILE",   "FOLDER",  "PATH", "PROGRAM",
					    "SOURCE", "COMMAND", "ARG",  "SBX-WORDS"};
	size_t small = 0;

	while (value[small] && !is_upper(value[small]))
		small++;
	if (small) {
		autofree char *word = xstrndup(value, small);

		if (str_starts(line->last + strlen(prefix), word))
			line->files = true;
		else
			offer(line, prefix, word, "");
	} else if (str_eq(value, "NAME") || str_eq(value, "REF")) {
		offer_names(line, prefix, line->command);
	} else if (str_eq(value, "PROFILE")) {
		offer_names(line, prefix, "profile");
	} else if (str_starts(value, "KEY")) {
		offer_keys(line, prefix);
	}
	for (size_t i = 0; i < countof(paths); i++)
		line->files |= str_starts(value, paths[i]);
}

static void offer_values(struct line *line, const char *prefix, const char *values)
{
	autofree char *copy = xstrdup(values);
	char *rest = copy, *value;

	while ((value = strsep(&rest, "|")))
		offer_value(line, prefix, value);
}

static void offer_option(struct line *line, const struct item *item)
{
	autofree char *copy = xstrdup(item->text);
	char *rest = copy, *option;

	if (strchr(copy, ' ')) /* "-o FILE" */
		*strchr(copy, ' ') = '\0';
	while ((option = strsep(&rest, "|"))) {
		const char *sign = strchr(option, '=');
		autofree char *name = sign ? xstrndup(option, (size_t)(sign + 1 - option)) : xstrdup(option);

		if (sign && str_starts(line->last, name))
			offer_value(line, name, sign + 1);
		else
			offer(line, "", name, "");
	}
}

/* The item "-o FILE" for the word "-o". */
static bool find_value(const char *args, const char *word, struct item *ret)
{
	size_t len = strlen(word);

	while (word[0] == '-' && item_next(&args, ret))
		if (strncmp(ret->text, word, len) == 0 && ret->text[len] == ' ')
			return true;
	return false;
}

/* Which of the items, that are no options, is the last word? */
static bool find_place(const struct line *line, const char *args, struct item *ret)
{
	const char *words = strstr(args, "SBX-WORDS");
	int before = 0;
	bool ended = false;

	for (int i = 0; i < line->count; i++) {
		ended |= str_eq(line->word[i], "--");
		if (find_value(args, line->word[i], ret))
			i++;
		else
			before += line->word[i][0] != '-';
	}
	if (ended && words)
		return item_next(&words, ret);
	while (item_next(&args, ret))
		if (is_upper(ret->text[0]) && !str_eq(ret->text, "OPTION") && (ret->more || before-- == 0))
			return true;
	return false;
}

static void offer_args(struct line *line, const char *args)
{
	struct item place, item;
	bool placed;

	if (line->count && find_value(args, line->word[line->count - 1], &item)) {
		offer_values(line, "", strchr(item.text, ' ') + 1);
		return;
	}
	placed = find_place(line, args, &place);
	if (placed && str_eq(place.text, "ARG")) { /* another program's */
		line->files = true;
		return;
	}
	if (placed && line->last[0] != '-') {
		offer_values(line, "", place.text);
		return;
	}
	while (item_next(&args, &item)) {
		if (item.text[0] == '-')
			offer_option(line, &item);
		else if (str_eq(item.text, "OPTION") || str_eq(item.text, "SBX-WORDS"))
			offer_settings(line);
	}
}

static void offer_command(struct line *line, const struct command *command, int argc, char **argv)
{
	size_t len = strcspn(command->args, " ");
	autofree char *second = has_second(command) ? xstrndup(command->args, len) : NULL;
	int own = second ? 2 : 1;

	if (argc == 1) {
		offer(line, "", command->name, second ? "" : command->help);
		return;
	}
	if (!str_eq(argv[0], command->name))
		return;
	if (second && argc == 2)
		offer(line, "", second, command->help);
	if (argc <= own || (second && !str_eq(argv[1], second)))
		return;
	line->command = command->name;
	line->word = argv + own;
	line->count = argc - own - 1;
	offer_args(line, command->args + (second ? len : 0));
}

void complete_words(const struct ctl *ctl, const struct command *commands, size_t count, int argc, char **argv,
		    struct str *out)
{
	struct line line = {.ctl = ctl, .last = argc ? argv[argc - 1] : ""};

	if (line.last[0] == '-' && argc == 1) {
		offer(&line, "", "--help", "");
		offer(&line, "", "--version", "");
	}
	for (size_t i = 0; i < count; i++)
		offer_command(&line, &commands[i], argc ? argc : 1, argv);
	for (size_t i = 0; i < line.found.count; i++)
		str_addf(out, "%s\t%s\n", line.found.v[i], line.help.v[i]);
	str_add(out, line.files ? "/\n" : "");
	strv_done(&line.found);
	strv_done(&line.help);
}
