/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* packer: the library of src/pack at a command line, for tests/image/pack.sh.
 *
 *   packer [OPTION...] PROGRAM...
 *     --root=FOLDER  --package=NAME  --path=PATH  --without=PATH  --depends  --gconv  --locales  --bare  --json
 *     --to=FOLDER    copies into it; otherwise the list is printed
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "pack/pack.h"

struct command {
	struct pack_options options;
	const char *to;
	bool json;
};

/* The text behind "--NAME=", or NULL. */
static const char *value_of(const char *word, const char *name)
{
	return str_starts(word, name) ? word + strlen(name) : NULL;
}

static bool take_word(struct command *command, const char *word)
{
	struct pack_options *o = &command->options;
	const struct {
		const char *name;
		struct strv *list;
	} lists[] = {{"--package=", &o->packages}, {"--path=", &o->paths}, {"--without=", &o->without}};

	for (size_t i = 0; i < countof(lists); i++)
		if (value_of(word, lists[i].name)) {
			strv_add(lists[i].list, value_of(word, lists[i].name));
			return true;
		}
	if (value_of(word, "--root="))
		o->root = value_of(word, "--root=");
	else if (value_of(word, "--to="))
		command->to = value_of(word, "--to=");
	else if (str_eq(word, "--depends"))
		o->depends = true;
	else if (str_eq(word, "--gconv"))
		o->gconv = true;
	else if (str_eq(word, "--locales"))
		o->locales = true;
	else if (str_eq(word, "--bare"))
		o->bare = true;
	else if (str_eq(word, "--json"))
		command->json = true;
	else if (word[0] == '-')
		return false;
	else
		strv_add(&o->programs, word);
	return true;
}

static int copy(const struct command *command, const struct closure *closure, struct err *e)
{
	autoclose int target = open(command->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct pack_copied copied;
	int r;

	if (target < 0)
		return err_errno(e, errno, "open '%s'", command->to);
	r = pack_copy(closure, command->options.root, target, &copied, e);
	if (r == 0)
		(void)printf("%zu entries, %llu bytes, %zu hard links\n", closure->count,
			     (unsigned long long)copied.bytes, copied.linked);
	return r;
}

static void print(const struct command *command, const struct closure *closure)
{
	autostr struct str out = {0};

	if (command->json) {
		struct json *all = closure_json(closure);

		json_print(all, &out);
		json_done(all);
	} else {
		closure_print(closure, &out);
	}
	(void)fputs(out.s, stdout);
}

int main(int argc, char **argv)
{
	struct command command = {0};
	struct closure closure = {0};
	struct err e = {0};
	int r;

	for (int i = 1; i < argc; i++)
		if (!take_word(&command, argv[i])) {
			(void)fprintf(stderr, "packer: unknown option '%s'\n", argv[i]);
			return 2;
		}
	r = pack_collect(&command.options, &closure, &e);
	if (r == 0 && command.to)
		r = copy(&command, &closure, &e);
	else if (r == 0)
		print(&command, &closure);
	if (r < 0)
		(void)fprintf(stderr, "packer: %s\n%s%s%s", e.text, e.hint[0] ? "hint: " : "", e.hint,
			      e.hint[0] ? "\n" : "");
	closure_done(&closure);
	strv_done(&command.options.programs);
	strv_done(&command.options.packages);
	strv_done(&command.options.paths);
	strv_done(&command.options.without);
	return r < 0;
}
