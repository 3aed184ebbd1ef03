/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/opened.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "run/opened-entry.h"

static const char *file_of(const struct monitor *m)
{
	return plan_text(m->plan, m->opened->step->a);
}

int opened_begin(struct monitor *m, struct err *e)
{
	const struct step *step = plan_find(m->plan, STEP_RECORD);
	autoclose int file = -1;
	struct stat st;

	if (!step)
		return 0;
	file = fd_open_plain(plan_text(m->plan, step->a), O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_NONBLOCK, 0666);
	if (file < 0 || fstat(file, &st) < 0)
		return err_errno(e, errno, "open '%s' for what is opened", plan_text(m->plan, step->a));
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "'%s' for what is opened is no regular file", plan_text(m->plan, step->a));
	m->opened = xcalloc(1, sizeof *m->opened);
	m->opened->file = take_fd(&file);
	m->opened->step = step;
	return 0;
}

/* Of folders as PATH has them; owned by the caller. */
static char *in_folder(const char *folders, int number, const char *name)
{
	for (; number > 1; number--) {
		folders += strcspn(folders, ":");
		folders += *folders == ':';
	}
	return xasprintf("%.*s/%s", (int)strcspn(folders, ":"), folders, name);
}

void opened_command(struct monitor *m, int folder)
{
	const struct step *exec = plan_find(m->plan, STEP_EXEC), *chdir = plan_find(m->plan, STEP_CHDIR);
	autofree char *path = NULL, *normal = NULL, *root_path = NULL;
	const char *name = plan_text(m->plan, exec->data);
	autoclose int root = -1;

	if (!m->opened)
		return;
	root_path = xasprintf("/proc/%d/root", m->init);
	root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder)
		path = in_folder(plan_text(m->plan, exec->a), folder, name);
	else
		path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", plan_text(m->plan, chdir->a), name);
	normal = opened_normal(root, path);
	opened_add(m->opened, normal, OPENED_EXECUTE, OPENED_THERE);
}

static void print_entry(const void *node, VISIT visit, void *out)
{
	static const char *const found[] = {"missing", "there", "unknown"};
	const struct opened_entry *entry = *(const struct opened_entry *const *)node;

	if (visit != postorder && visit != leaf)
		return;
	str_addf(out, "%c%c%c %s ", entry->how & OPENED_READ ? 'r' : '-', entry->how & OPENED_WRITE ? 'w' : '-',
		 entry->how & OPENED_EXECUTE ? 'x' : '-', found[entry->found]);
	str_add_escaped(out, entry->path, false);
	str_add(out, "\n");
}

int opened_write(struct monitor *m, struct err *e)
{
	struct opened *opened = m->opened;
	autostr struct str text = {0};
	int r;

	if (!opened)
		return 0;
	str_add(&text, "");
	twalk_r(opened->tree, print_entry, &text);
	r = ftruncate(opened->file, 0) < 0 ? -errno : fd_write(opened->file, text.s, text.len);
	if (r < 0)
		return err_errno(e, -r, "write what was opened to '%s'", file_of(m));
	if (opened->full)
		return err_set(e, E2BIG, "more than %d paths, or %d MiB of them, were opened: '%s' has only the first",
			       OPENED_PATHS_MAX, OPENED_BYTES_MAX >> 20, file_of(m));
	if (opened->unread)
		return err_set(e, EPERM, "%" PRIu64 " paths that were opened could not be read: '%s' lacks them",
			       opened->unread, file_of(m));
	return 0;
}

void opened_end(struct monitor *m)
{
	if (!m->opened)
		return;
	tdestroy(m->opened->tree, free);
	mem_close_ptr(&m->opened->file);
	free(take(m->opened));
}
