/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "open/ask.h"
#include "open/copy.h"

enum { PATIENCE_MS = 25000 }; /* with its services; what goes on after that has been started */

static int run(const struct targets *targets, const struct target *target, char *command, char *what, bool is_file,
	       struct err *e)
{
	autofree char *sbx = xstrdup(targets->sbx), *profile = xasprintf("--profile=%s", target->profile);
	char quiet[] = "-q", detach[] = "--detach=forget", file[] = "--set=filesystem.open-arguments=read-only",
	     end[] = "--";
	char *argv[] = {sbx,
			quiet,
			detach,
			profile,
			is_file ? file : end,
			is_file ? end : command,
			is_file ? command : what,
			is_file ? what : NULL,
			NULL};
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int streams[] = {null, null, null};
	struct err none = {0};
	int status = null < 0 ? -errno : child_run_for(argv, -1, streams, PATIENCE_MS, &none);

	if (status != 0 && status != -ETIMEDOUT) {
		(void)err_set(e, EIO, "'%s' could not be started with the profile '%s'", command, target->profile);
		return err_hint(e, "outside of the sandbox, `sbx --profile=%s %s` says why", target->profile, command);
	}
	return 0;
}

static int nobody(const struct asked *asked, struct err *e)
{
	const char *end = asked->is_file ? strrchr(asked->text, '.') : asked->text;
	size_t len = asked->is_file || !end ? 16 : strcspn(end, ":") + 1;

	(void)err_set(e, ENOENT, "no program that this sandbox may start opens %s '%.*s'",
		      asked->is_file ? "files of the kind" : "links of the scheme", (int)len, end ? end : asked->text);
	return err_hint(e, "profile.opens of the profiles in desktop.open says what they open");
}

int start(const struct targets *targets, const struct asked *asked, int file, struct err *e)
{
	const struct target *target = targets_find(targets, asked);
	const char *path = getenv("PATH");
	autofree char *command = target ? target_command(target, path) : NULL;
	struct copy copy = {0};
	int r = 0;

	if (!target)
		return nobody(asked, e);
	if (!command)
		return err_set(e, ENOENT, "no command of the profile '%s' is installed", target->profile);
	if (targets->ask)
		r = ask(targets->asker, asked->text, target->profile, path, e);
	if (r == 0 && asked->is_file)
		r = copy_make(targets->copies, file, asked->text, &copy, e);
	if (r < 0 && r != -ENOENT && r != -EPERM && r != -EINVAL && r != -EFBIG)
		r = err_set(e, -r, "the file could not be copied for the other program");
	if (r == 0)
		r = run(targets, target, command, asked->is_file ? copy.file : asked->text, asked->is_file, e);
	copy_done(&copy);
	return r;
}
