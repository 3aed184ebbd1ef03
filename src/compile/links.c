/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: what the command may write, an earlier run may have filled with links, and so may another command that may
 * write there. No rule leads through a link of this command's; and where a path is more than a word of the policy, for
 * files that sbx opens itself and for arguments, only links that no sandbox can have made are followed. */
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
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

/* Root's are the system's. Who writes directly into a home has all that the user does outside of sandboxes anyway. */
static bool is_trusted(const struct context *c, const char *link)
{
	const char *home = c->host->home;
	struct node node;

	if (home && home[1] && path_below(link, home) && strrchr(link, '/') == link + strlen(home))
		return true;
	c->host->look(c->host, link, &node);
	if (c->host->gated) /* of what is outside, root is not mapped, as all others; nobody is 0 */
		return node.uid != 0 && node.uid != c->host->uid;
	return node.uid == 0;
}

static int check_link(const struct context *c, enum setting_id id, const struct value *value, const char *link,
		      bool trusted_only, struct err *e)
{
	const struct view_entry *above = writable_above(c, link);
	autofree char *real = NULL;

	if (!above && (!trusted_only || is_trusted(c, link)))
		return 0;
	if (above)
		(void)refuse(c, id, value, e, "'%s' is a symbolic link, and the command can write '%s' (%s)", link,
			     above->source, above->why);
	else
		(void)refuse(c, id, value, e, "'%s' is a symbolic link that a sandbox may have made", link);
	real = host_real(c->host, link);
	return err_hint(e, "if it is meant, give the path that it stands for: %s%s", real,
			id == SET_report_file ? "; an open file is fd:N" : "");
}

static int check_path(const struct context *c, enum setting_id id, const struct value *value, const char *path,
		      bool trusted_only, struct err *e)
{
	autostrv struct strv links = {0};

	host_links(c->host, path, &links);
	for (size_t i = 0; i < links.count; i++)
		if (check_link(c, id, value, links.v[i], trusted_only, e) < 0)
			return -e->code;
	return 0;
}

int compile_argument_links(const struct context *c, const struct value *value, const char *path, struct err *e)
{
	return check_path(c, SET_filesystem_open_arguments, value, path, true, e);
}

int compile_links(struct context *c, struct err *e)
{
	static const struct {
		enum setting_id id;
		bool opened; /* by sbx itself */
	} rows[] = {
		{SET_filesystem_read_only, false},
		{SET_filesystem_read_write, false},
		{SET_filesystem_overlay, false},
		{SET_filesystem_persist, false},
		{SET_filesystem_persist_file, false},
		{SET_filesystem_working_directory, false},
		{SET_process_stdin, true},
		{SET_process_stdout, true},
		{SET_process_stderr, true},
		{SET_report_file, true},
		{SET_report_opened, true},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		const struct entry *entry = &c->policy->entry[rows[i].id];

		if (!rows[i].opened && !c->host_writable)
			continue;
		for (size_t j = 0; j < entry->count; j++) {
			const char *text = entry->v[j].text;
			autofree char *path = NULL;
			int r;

			if (!text || (rows[i].id == SET_report_file && str_starts(text, "fd:")))
				continue;
			path = host_absolute_here(c->host, text);
			r = check_path(c, rows[i].id, &entry->v[j], path, rows[i].opened, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
