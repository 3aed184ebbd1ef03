/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: what the command may write, an earlier run may have filled with links. No rule leads through one of them, and
 * no file that sbx itself opens: the command would choose what the next run is given, or what is written over. */
#include <string.h>

#include "base/mem.h"
#include "compile/files.h"

/* The entry by which the command may write the folder that holds `path`, or NULL. */
static const struct view_entry *writable_above(const struct context *c, const char *path)
{
	for (size_t i = 0; i < c->view->count; i++) {
		const struct view_entry *entry = &c->view->entry[i];

		if (entry->kind == VIEW_READ_WRITE && entry->type == NODE_FOLDER && path_below(path, entry->source))
			return entry;
	}
	return NULL;
}

int compile_link_free(const struct context *c, enum setting_id id, const struct value *value, const char *path,
		      struct err *e)
{
	autostrv struct strv links = {0};

	host_links(c->host, path, &links);
	for (size_t i = 0; i < links.count; i++) {
		const struct view_entry *above = writable_above(c, links.v[i]);

		if (!above)
			continue;
		(void)refuse(c, id, value, e, "'%s' is a symbolic link, and the command can write '%s' (%s)",
			     links.v[i], above->source, above->why);
		return err_hint(e,
				"an earlier run may have made it: give the path that it stands for, if that is meant");
	}
	return 0;
}

int compile_links(struct context *c, struct err *e)
{
	static const enum setting_id ids[] = {
		SET_filesystem_read_only, SET_filesystem_read_write,
		SET_filesystem_persist,   SET_process_stdin,
		SET_process_stdout,       SET_process_stderr,
		SET_report_file,          SET_filesystem_working_directory,
	};

	if (!c->host_writable)
		return 0;
	for (size_t i = 0; i < countof(ids); i++) {
		const struct entry *entry = &c->policy->entry[ids[i]];

		for (size_t j = 0; j < entry->count; j++) {
			const char *text = entry->v[j].text;
			autofree char *path = NULL;
			int r;

			if (!text || (ids[i] == SET_report_file && str_starts(text, "fd:")))
				continue;
			path = *text == '/' || !c->host->cwd ? xstrdup(text) : xasprintf("%s/%s", c->host->cwd, text);
			r = compile_link_free(c, ids[i], &entry->v[j], path, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
