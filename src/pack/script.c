/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "pack/collect.h"
#include "pack/root.h"

enum { SCRIPTS_MAX = 5 }; /* more than the kernel runs */

static const char usual_search[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool is_program(const struct collect *c, const char *path)
{
	autoclose int fd = root_open(c->root, path, O_PATH);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111;
}

int collect_program(struct collect *c, const char *name, struct reason reason, struct err *e)
{
	autofree char *search = xstrdup(c->options->search ? c->options->search : usual_search);
	char *rest;

	if (strchr(name, '/'))
		return collect_path(c, name, reason, NULL, e);
	for (char *p = strtok_r(search, ":", &rest); p; p = strtok_r(NULL, ":", &rest)) {
		autofree char *path = xasprintf("%s/%s", p, name);

		if (*p == '/' && is_program(c, path))
			return collect_path(c, path, reason, NULL, e);
	}
	if (!reason.may)
		return err_set(e, ENOENT, "%s: there is no program '%s'", reason.why, name);
	closure_note(c->closure, "%s: there is no program '%s'", reason.why, name);
	return 0;
}

/* What env(1) runs, by its arguments; cut out of them. NULL: nothing. */
static const char *env_command(char *arguments)
{
	char *rest;

	for (char *p = strtok_r(arguments, " \t", &rest); p; p = strtok_r(NULL, " \t", &rest)) {
		if (str_eq(p, "-S") || str_eq(p, "--split-string"))
			continue;
		if (str_starts(p, "-S"))
			p += 2; /* -SNAME */
		else if (str_starts(p, "--split-string="))
			p += strlen("--split-string=");
		else if (str_eq(p, "-u") || str_eq(p, "-C"))
			(void)strtok_r(NULL, " \t", &rest);
		if (*p != '-' && !strchr(p, '='))
			return p;
	}
	return NULL;
}

/* By the first line, which is cut. */
static int take_interpreter(struct collect *c, char *line, struct reason reason, struct err *e)
{
	char *rest, *interpreter = strtok_r(line, " \t\r", &rest);
	const char *name, *command;
	int r;

	if (!interpreter)
		return 0; /* the shell runs it */
	if (interpreter[0] != '/')
		return err_set(e, EINVAL, "%s: '%s' is no absolute path", reason.why, interpreter);
	r = collect_path(c, interpreter, reason, NULL, e);
	name = strrchr(interpreter, '/') + 1;
	command = r == 0 && str_eq(name, "env") ? env_command(rest) : NULL;
	return command ? collect_program(c, command, reason, e) : r;
}

int collect_script(struct collect *c, const char *path, int fd, bool may, struct err *e)
{
	autofree char *why = xasprintf("shebang of %s", path);
	char line[1024];
	ssize_t n = pread(fd, line, sizeof line - 1, 0);
	int r;

	if (n < 2 || line[0] != '#' || line[1] != '!')
		return 0;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (c->scripts >= SCRIPTS_MAX)
		return err_set(e, ELOOP, "%s: scripts are run by scripts more than %d times", why, SCRIPTS_MAX);
	c->scripts++;
	r = take_interpreter(c, line + 2, (struct reason){why, may}, e);
	c->scripts--;
	return r;
}
