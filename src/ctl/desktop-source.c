/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop-source: which program a file of a desktop would start. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/desktop.h"

static const char *group_of(enum desk_kind kind)
{
	return kind == DESK_SERVICE ? SERVICE_GROUP : ENTRY_GROUP;
}

static bool says(const struct desk_item *item, const char *key, const char *value)
{
	autofree char *text = keyfile_value(&item->text, group_of(item->kind), key);

	return text && str_eq(text, value);
}

static void other(struct desk_item *item, const char *why)
{
	free(item->why);
	item->why = xstrdup(why);
}

static void read_exec(struct desk_item *item, const char *exec)
{
	static const char *const whys[] = {
		[EXEC_COMMANDS] = "an interpreter starts it, whose name says nothing",
		[EXEC_FLATPAK] = "flatpak starts it, in a sandbox of its own",
		[EXEC_SNAP] = "snap starts it, in a sandbox of its own",
		[EXEC_SANDBOX] = "a sandbox starts it already",
		[EXEC_CODE] = "what it starts is known only when it is started",
	};
	autostrv struct strv words = {0};
	struct exec_program program;
	struct err e = {0};

	if (exec_words((struct span){exec, strlen(exec)}, &words, &e) < 0) {
		other(item, e.text);
		return;
	}
	exec_program(&words, &program);
	item->program = xstrdup(program.name);
	item->foreign = program.kind == EXEC_FLATPAK || program.kind == EXEC_SNAP;
	item->outside = !item->foreign && program.kind != EXEC_SANDBOX;
	if (program.kind != EXEC_PROGRAM)
		other(item, whys[program.kind]);
}

/* As it stands, with its escapes. Owned by the caller; NULL. */
static char *raw_exec(const struct str *text, const char *group)
{
	struct keyfile file;
	struct keyline line;

	keyfile_begin(&file, text);
	while (keyfile_next(&file, &line))
		if (span_is(line.group, group) && span_is(line.key, "Exec"))
			return xstrndup(line.value.s, line.value.len);
	return NULL;
}

bool desk_read_source(struct desk_item *item)
{
	autofree char *exec = raw_exec(&item->text, group_of(item->kind));

	if (item->kind != DESK_SERVICE && (!says(item, "Type", "Application") || says(item, "Hidden", "true")))
		return false;
	item->activated = item->kind == DESK_ENTRY && says(item, "DBusActivatable", "true");
	if (exec)
		read_exec(item, exec);
	else
		other(item, "it has no Exec");
	if (item->kind == DESK_ENTRY && says(item, "X-Flatpak", "true"))
		item->foreign = true;
	return exec || item->activated;
}

bool desk_is_sandboxed(const struct str *text)
{
	struct keyfile file;
	struct keyline line;
	bool all = true;

	keyfile_begin(&file, text);
	while (all && keyfile_next(&file, &line)) {
		autostrv struct strv words = {0};
		struct exec_program program = {0};
		struct err e;

		if (line.header || !key_is(&line, "Exec") || exec_words(line.value, &words, &e) < 0)
			continue;
		exec_program(&words, &program);
		all = program.kind == EXEC_SANDBOX;
	}
	return all;
}
