/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "run/monitor.h"

/* As flatpak calls it, whose way this is. */
#define FILE_NAME "bwrapinfo.json"
#define PREFIX "sbx-" /* before the pid of the monitor */

/* Those of flatpak are left alone; so is one whose pid another process has got. */
static void sweep(int above)
{
	autostrv struct strv names = {0};

	if (fd_names(above, &names) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		long pid = str_starts(names.v[i], PREFIX) ? strtol(names.v[i] + strlen(PREFIX), NULL, 10) : 0;

		if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			folder_remove(above, names.v[i]);
	}
}

/* The folder above, opened to be read; its name in it. */
static int open_above(const char *path, const char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = xstrndup(path, (size_t)(slash - path));
	autoclose int made = folder_make(parent, 0700, "", e);
	int above;

	if (made < 0)
		return made;
	above = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*ret_name = slash + 1;
	return above >= 0 ? above : err_errno(e, errno, "open '%s'", parent);
}

int instance_tell(const struct monitor *m, struct err *e)
{
	const struct step *step = plan_find(m->plan, STEP_INSTANCE);
	autofree char *text = xasprintf("{\"child-pid\": %d}\n", m->init);
	autoclose int above = -1, folder = -1, file = -1;
	const char *name;

	if (!step)
		return 0;
	above = open_above(plan_text(m->plan, step->a), &name, e);
	if (above < 0)
		return above;
	sweep(above);
	if (mkdirat(above, name, 0700) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make folder '%s'", plan_text(m->plan, step->a));
	folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder >= 0)
		file = openat(folder, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0 || fd_write(file, text, strlen(text)) < 0)
		return err_errno(e, errno, "write '%s/" FILE_NAME "'", plan_text(m->plan, step->a));
	return 0;
}

void instance_end(const struct monitor *m)
{
	const struct step *step = plan_find(m->plan, STEP_INSTANCE);
	autoclose int above = -1;
	struct err none = {0};
	const char *name;

	if (!step || m->init <= 0)
		return;
	above = open_above(plan_text(m->plan, step->a), &name, &none);
	if (above >= 0)
		folder_remove(above, name);
}
