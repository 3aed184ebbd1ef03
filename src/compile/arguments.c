/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arguments: what the command line shows by itself: the files it names, the command, the working directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/files.h"

/* file:///a%20b and file://localhost/a: the path, decoded. NULL: not such a URI. Owned by the caller. */
static char *path_of_uri(const char *word)
{
	autostr struct str out = {0};

	if (!str_starts(word, "file://"))
		return NULL;
	word += 7;
	if (str_starts(word, "localhost/"))
		word += 9;
	if (*word != '/')
		return NULL;
	for (; *word; word++) {
		unsigned code;

		if (*word != '%') {
			str_add_bytes(&out, word, 1);
		} else if (sscanf(word, "%%%2x", &code) == 1 && word[1] && word[2] && code) {
			char byte = (char)code;

			str_add_bytes(&out, &byte, 1);
			word += 2;
		} else {
			return NULL;
		}
	}
	return xstrdup(out.s);
}

bool compile_argument_is_uri(const char *word)
{
	autofree char *path = path_of_uri(word);

	return path != NULL;
}

char *compile_argument_uri(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	struct str uri = {0};

	str_add(&uri, "file://");
	for (; *path; path++)
		if (strchr(plain, *path))
			str_add_bytes(&uri, path, 1);
		else
			str_addf(&uri, "%%%02X", (unsigned char)*path);
	return uri.s;
}

/* The absolute path of a word, relative ones from the working directory. "." and ".." are left to host_resolve. */
static char *absolute(const struct host *host, const char *word)
{
	char *path = path_of_uri(word);

	if (path)
		return path;
	return word[0] == '/' || host->cwd ? host_absolute_here(host, word) : NULL;
}

char *compile_argument_path(const struct host *host, const char *word)
{
	autofree char *path = word[0] == '-' ? NULL : absolute(host, word);

	return path ? path_normal(path) : NULL;
}

bool compile_is_own_folder(const struct context *c, const char *path)
{
	for (size_t i = 0; i < c->policy->folders.count; i++)
		if (path_below(path, c->policy->folders.v[i]) || path_below(c->policy->folders.v[i], path))
			return true;
	return false;
}

/* A file that another one can take the place of: it and its folder are the caller's. */
static bool can_keep(const struct context *c, const char *real, const struct node *node)
{
	autofree char *above = xstrndup(real, (size_t)(strrchr(real, '/') - real));
	struct node folder;

	c->host->look(c->host, above[0] ? above : "/", &folder);
	return node->type == NODE_FILE && c->host->data && !c->isolated &&
	       policy_is(c->policy, SET_filesystem_open_siblings, "no") && /* else its folder is seen */
	       (c->host->uid == 0 || (node->uid == c->host->uid && node->mode & S_IWUSR && folder.uid == c->host->uid &&
				      folder.mode & S_IWUSR));
}

int compile_open_arguments(struct context *c, struct err *e)
{
	const struct value *value = policy_value(c->policy, SET_filesystem_open_arguments);
	enum view_kind kind =
		policy_is(c->policy, SET_filesystem_open_arguments, "read-write") ? VIEW_READ_WRITE : VIEW_READ_ONLY;

	if (policy_is(c->policy, SET_filesystem_open_arguments, "no"))
		return 0;
	for (size_t i = 1; c->command[i]; i++) {
		autofree char *path = c->command[i][0] == '-' ? NULL : absolute(c->host, c->command[i]);
		autofree char *target = path ? path_normal(path) : NULL, *real = NULL;
		struct err none = {0};
		struct node node;
		int r;

		if (!path || host_resolve(c->host, path, &real, &node, &none) < 0)
			continue; /* not every word names a file */
		if ((node.type != NODE_FILE && node.type != NODE_FOLDER) || compile_is_own_folder(c, real))
			continue;
		if (view_shows_host(c->view, target, real, kind))
			continue; /* a word takes nothing away */
		r = compile_argument_links(c, value, path, e);
		if (r == 0 && kind == VIEW_READ_WRITE && can_keep(c, real, &node))
			r = files_keep(c, value, target, real, e);
		else if (r == 0)
			r = files_show(c, kind, SET_filesystem_open_arguments, value, path, target, e);
		if (r < 0)
			return r;
	}
	return compile_siblings(c, e);
}

bool compile_is_too_wide(const struct context *c, const char *cwd)
{
	const char *home = c->host->home;

	if (str_eq(cwd, "/") || str_eq(cwd, "/tmp") || str_eq(cwd, "/var/tmp") || compile_is_own_folder(c, cwd))
		return true;
	if (!home)
		return false;
	if (path_below(home, cwd))
		return true;
	return path_below(cwd, home) && cwd[strlen(home)] == '/' && cwd[strlen(home) + 1] == '.';
}

static bool shown(const struct context *c, const char *path)
{
	enum node_type type;

	return view_shows(c, path, &type) && type == NODE_FOLDER;
}

int compile_working_directory(struct context *c, struct err *e)
{
	const struct value *value = policy_value(c->policy, SET_filesystem_working_directory);
	const char *cwd = value ? value->text : c->host->cwd;
	struct view_entry *entry;
	autofree char *real = NULL;
	struct err none = {0};
	struct node node;

	(void)e;
	if (value) {
		c->inner_cwd = xstrdup(value->text);
		return 0;
	}
	if (policy_value(c->policy, SET_box_name)) {
		c->inner_cwd = xstrdup(BOX_PATH);
		return 0;
	}
	if (c->host->image) {
		c->inner_cwd = xstrdup(c->host->image->folder);
		return 0;
	}
	/* who sees only the files that are named does not see their folder */
	if (cwd && policy_is(c->policy, SET_filesystem_open_arguments, "no") && !shown(c, cwd) &&
	    !compile_is_too_wide(c, cwd) && host_resolve(c->host, cwd, &real, &node, &none) == 0 &&
	    node.type == NODE_FOLDER) {
		entry = view_add(c, VIEW_READ_ONLY, cwd, real, 0, "working directory");
		entry->type = NODE_FOLDER;
	}
	if (cwd && shown(c, cwd))
		c->inner_cwd = xstrdup(cwd);
	else
		c->inner_cwd = xstrdup(shown(c, c->inner_home) ? c->inner_home : "/");
	return 0;
}

/* ./a.out: the command itself is shown if nothing else shows it. */
int compile_command_file(struct context *c)
{
	const char *word = c->command[0];
	bool here = word[0] != '/' && policy_value(c->policy, SET_box_name); /* it counts from the box */
	autofree char *path = strchr(word, '/') && !here ? absolute(c->host, word) : NULL, *target = NULL, *real = NULL;
	struct view_entry *entry;
	struct err none = {0};
	enum node_type type;
	struct node node;

	if (!path || c->host->image || !policy_number(c->policy, SET_filesystem_show_command, 1))
		return 0;
	target = path_normal(path);
	if (view_shows(c, target, &type) || host_resolve(c->host, path, &real, &node, &none) < 0 ||
	    node.type != NODE_FILE)
		return 0;
	entry = view_add(c, VIEW_READ_ONLY, target, real, 0, "command");
	entry->type = NODE_FILE;
	return 0;
}
