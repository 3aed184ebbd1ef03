/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/* The rest of "--NAME=REST"; NULL: the word is another. */
static const char *rest(const char *word, const char *option)
{
	return str_starts(word, option) ? word + strlen(option) : NULL;
}

static bool set(const char **text, const char *value)
{
	if (value)
		*text = value;
	return value;
}

static bool read_target(const char *word, struct targets *t)
{
	const char *profile = rest(word, "--to=");
	struct target *last = t->count ? &t->v[t->count - 1] : NULL;

	if (profile)
		t->v[t->count++] = (struct target){profile, "", ""};
	return profile ||
	       (last && (set(&last->opens, rest(word, "--opens=")) || set(&last->commands, rest(word, "--commands="))));
}

int targets_read(char *const *words, struct targets *ret, struct err *e)
{
	size_t count = 0;

	while (words[count])
		count++;
	*ret = (struct targets){.v = xcalloc(count + 1, sizeof *ret->v)};
	for (; *words; words++) {
		if (str_eq(*words, "--ask"))
			ret->ask = true;
		else if (!set(&ret->socket, rest(*words, "--socket=")) &&
			 !set(&ret->copies, rest(*words, "--copies=")) && !set(&ret->sbx, rest(*words, "--sbx=")) &&
			 !set(&ret->asker, rest(*words, "--asker=")) && !read_target(*words, ret))
			return err_set(e, EINVAL, "unknown word '%s'", *words);
	}
	if (!ret->socket || !ret->copies || !ret->sbx || !ret->asker)
		return err_set(e, EINVAL, "it is started by sbx, for desktop.open");
	return 0;
}

void targets_done(struct targets *targets)
{
	free(targets->v);
	*targets = (struct targets){0};
}

/* The next of a list; NULL: that was all. Owned by the caller. */
static char *next(const char **list, char between)
{
	const char end[] = {between, '\0'};
	size_t len = strcspn(*list, end);
	char *item = **list ? xstrndup(*list, len) : NULL;

	*list += len + ((*list)[len] != '\0');
	return item;
}

static bool opens(const struct target *target, const struct asked *asked)
{
	const char *list = target->opens;

	while (*list) {
		autofree char *kind = next(&list, ' ');

		if (*kind && asked_is(asked, kind))
			return true;
	}
	return false;
}

const struct target *targets_find(const struct targets *targets, const struct asked *asked)
{
	for (size_t i = 0; i < targets->count; i++)
		if (opens(&targets->v[i], asked))
			return &targets->v[i];
	return NULL;
}

static bool is_installed(const char *command, const char *path)
{
	while (*path) {
		autofree char *folder = next(&path, ':'), *file = xasprintf("%s/%s", folder, command);

		if (folder[0] == '/' && access(file, X_OK) == 0)
			return true;
	}
	return false;
}

char *target_command(const struct target *target, const char *path)
{
	const char *list = target->commands;

	while (path && *list) {
		autofree char *command = next(&list, ' ');

		if (*command && is_installed(command, path))
			return take(command);
	}
	return NULL;
}
