/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"

enum { SHOWN = 400 };

/* The words of each; NULL is the place of the question. `No` is what the return key gives, so that a window that comes
 * up while one types is no yes. */
static const char *const tools[][10] = {
	{"zenity", "--question", "--no-markup", "--default-cancel", "--title=sbx", "--ok-label=Open",
	 "--cancel-label=Refuse", "--timeout=60", "--text", NULL},
	{"xmessage", "-title", "sbx", "-buttons", "Refuse:1,Open:0", "-default", "Refuse", "-timeout", "60", NULL},
};

static char *find(const char *name, const char *path)
{
	while (path && *path) {
		size_t len = strcspn(path, ":");
		autofree char *file = xasprintf("%.*s/%s", (int)len, path, name);

		if (*path == '/' && access(file, X_OK) == 0)
			return take(file);
		path += len + (path[len] == ':');
	}
	return NULL;
}

static int run(char *program, const char *const *words, char *question, struct err *e)
{
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int streams[] = {null, null, null};
	char *argv[countof(tools[0]) + 2] = {program};
	size_t count = 1;

	for (; words[count]; count++)
		argv[count] = (char *)(uintptr_t)words[count]; /* execv writes none of them */
	argv[count] = question;
	return null < 0 ? err_errno(e, errno, "open /dev/null") : child_run(argv, -1, streams, e);
}

int ask(const char *asker, const char *what, const char *profile, const char *path, struct err *e)
{
	autofree char *question =
		xasprintf("The sandbox of %s wants to open this in a program of the profile %s:\n\n%.*s%s", asker,
			  profile, SHOWN, what, strlen(what) > SHOWN ? "..." : "");

	for (size_t i = 0; i < countof(tools); i++) {
		autofree char *program = find(tools[i][0], path);
		int status = program ? run(program, tools[i], question, e) : -ENOENT;

		if (status == 0)
			return 0;
		if (status != -ENOENT)
			return err_set(e, EPERM, "the user has refused it, or has not answered within a minute");
	}
	(void)err_set(e, ENOENT, "there is nothing to ask the user with");
	return err_hint(e, "install zenity or xmessage, or leave `ask` out of desktop.open");
}
