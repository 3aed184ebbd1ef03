/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-resolve: the input makes up a host and asks for paths, a line each:
 *
 *   d PATH          a folder (those above it are made)
 *   f PATH          a file
 *   l PATH TEXT     a symbolic link
 *   v PATH TEXT     a symbolic link that only the view of the sandbox has
 *   ? PATH          host_resolve must agree with the model below
 *   t PATH          a mount of the sandbox: the place that view_finish finds for it must be the model's
 *
 * The model keeps the names that are done and those still to come as two stacks. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/view.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_TEXT = 2048, MAX_NODES = 96, MAX_STACK = 65536 /* 41 texts of one byte a name */ };

struct thing {
	char *path, *link; /* owned; link NULL but for links */
	enum node_type type;
};

struct made_up {
	struct thing host[MAX_NODES], view[MAX_NODES];
	size_t host_count, view_count;
};

static const struct thing *find(const struct thing *things, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(things[i].path, path))
			return &things[i];
	return NULL;
}

static const struct thing *on_host(const struct made_up *tree, const char *path)
{
	static const struct thing root = {.type = NODE_FOLDER};

	return path[1] ? find(tree->host, tree->host_count, path) : &root;
}

static void look(const struct host *host, const char *path, struct node *ret)
{
	const struct thing *thing = on_host(host->tree, path);

	ret->type = thing ? thing->type : NODE_NONE;
	ret->link[0] = '\0';
	if (thing && thing->link)
		memcpy(ret->link, thing->link, strlen(thing->link) + 1);
}

static void put(struct thing *things, size_t *count, enum node_type type, const char *path, const char *link)
{
	if (*count < MAX_NODES)
		things[(*count)++] =
			(struct thing){.path = xstrdup(path), .link = link ? xstrdup(link) : NULL, .type = type};
}

/* Below folders only, and nothing twice. */
static void add(struct made_up *tree, enum node_type type, const char *path, const char *link)
{
	if (!fuzz_is_normal(path, false) || (link && !*link) || on_host(tree, path))
		return;
	for (const char *p = strchr(path + 1, '/');; p = strchr(p + 1, '/')) {
		autofree char *above = xstrndup(path, p ? (size_t)(p - path) : strlen(path));
		const struct thing *there = on_host(tree, above);
		const char *name = strrchr(above, '/') + 1;

		if (strlen(name) > NAME_MAX || (there && there->type != NODE_FOLDER))
			return;
		if (!p)
			break;
		if (!there)
			put(tree->host, &tree->host_count, NODE_FOLDER, above, NULL);
	}
	put(tree->host, &tree->host_count, type, path, link);
}

/* The model. A name is a piece of the input, or of the text of a link. */
struct name {
	const char *at;
	size_t len;
};

struct model {
	const struct made_up *tree;
	bool view; /* the tree as the sandbox sees it: names that lead nowhere stay, for mounts to be made there */
	struct name done[MAX_STACK], left[MAX_STACK]; /* the next name is the last of `left` */
	size_t done_count, left_count;
	enum node_type end; /* of what is done */
	int links;
};

/* The names of a text, on top of those that are left. A slash at the end asks for a folder, as "." does. */
static void push(struct model *m, const char *text)
{
	size_t end = strlen(text);

	FUZZ_CHECK(m->left_count + end + 1 < MAX_STACK);
	if (end && text[end - 1] == '/')
		m->left[m->left_count++] = (struct name){.at = ".", .len = 1};
	while (end) {
		size_t start = end;

		while (start && text[start - 1] != '/')
			start--;
		if (end > start)
			m->left[m->left_count++] = (struct name){.at = text + start, .len = end - start};
		end = start ? start - 1 : 0;
	}
}

static char *join(const struct model *m)
{
	struct str out = {0};

	for (size_t i = 0; i < m->done_count; i++) {
		str_add(&out, "/");
		str_add_bytes(&out, m->done[i].at, m->done[i].len);
	}
	if (!m->done_count)
		str_add(&out, "/");
	return out.s;
}

static const struct thing *look_in_view(const struct made_up *tree, const char *path)
{
	for (size_t i = 0; i < tree->view_count; i++) {
		const struct thing *link = &tree->view[i];
		size_t len = strlen(link->path);

		if (strncmp(path, link->path, len) == 0 && (!path[len] || path[len] == '/'))
			return path[len] ? NULL : link;
	}
	return on_host(tree, path);
}

/* What is at the end of what is done. */
static const struct thing *here(const struct model *m, char **ret_path)
{
	*ret_path = join(m);
	return m->view ? look_in_view(m->tree, *ret_path) : on_host(m->tree, *ret_path);
}

/* One name further; a positive errno. */
static int step(struct model *m)
{
	struct name name = m->left[--m->left_count];
	autofree char *path = NULL;
	const struct thing *thing;

	if (m->end != NODE_FOLDER && !m->view)
		return ENOTDIR;
	if (name.len == 1 && name.at[0] == '.')
		return 0;
	if (name.len == 2 && name.at[0] == '.' && name.at[1] == '.') {
		m->done_count -= m->done_count > 0; /* above a folder is a folder */
		return 0;
	}
	if (!m->view && name.len > NAME_MAX)
		return ENAMETOOLONG;
	FUZZ_CHECK(m->done_count < MAX_STACK);
	m->done[m->done_count++] = name;
	thing = here(m, &path);
	if (strlen(path) >= PATH_MAX)
		return ENAMETOOLONG;
	if (!m->view && !thing)
		return ENOENT;
	m->end = thing ? thing->type : NODE_NONE;
	if (m->end != NODE_LINK)
		return 0;
	m->end = NODE_FOLDER; /* where the link is */
	if (++m->links > (fuzz_wrong ? 39 : 40))
		return ELOOP;
	m->done_count = thing->link[0] == '/' ? 0 : m->done_count - 1;
	push(m, thing->link);
	return 0;
}

static int model_resolve(const struct made_up *tree, bool view, const char *path, char **ret)
{
	static struct model m;
	int r = 0;

	m.tree = tree;
	m.view = view;
	m.done_count = m.left_count = 0;
	m.links = 0;
	m.end = NODE_FOLDER;
	push(&m, path);
	while (r == 0 && m.left_count)
		r = step(&m);
	*ret = r ? NULL : join(&m);
	return r;
}

static void check_resolve(const struct made_up *tree, const struct host *host, const char *path)
{
	autofree char *expected = NULL, *real = NULL;
	struct node node = {0};
	struct err e;
	int code = model_resolve(tree, false, path, &expected);
	int r = host_resolve(host, path, &real, &node, &e);

	FUZZ_CHECK(r == -code);
	FUZZ_CHECK(r == 0 || (!real && e.code == code && e.text[0]));
	if (r < 0)
		return;
	FUZZ_CHECK(str_eq(real, expected));
	FUZZ_CHECK(fuzz_is_normal(real, true));
	FUZZ_CHECK(node.type == on_host(tree, real)->type && node.type != NODE_LINK);
}

/* The host is shown as it is, with some links over it, and one folder is mounted. */
static void check_view(const struct made_up *tree, const struct host *host, const char *path)
{
	static const struct policy policy;
	struct view view = {0};
	struct context c = {.policy = &policy, .host = host, .view = &view};
	autofree char *expected = NULL;
	struct err e;
	int code, r;

	if (!fuzz_is_normal(path, false) || find(tree->view, tree->view_count, path))
		return;
	code = model_resolve(tree, true, path, &expected);
	view_add(&c, VIEW_READ_ONLY, "/", "/", 0, "host");
	for (size_t i = 0; i < tree->view_count; i++)
		view_add(&c, VIEW_LINK, tree->view[i].path, tree->view[i].link, 0, "link");
	view_add(&c, VIEW_SCRATCH, path, NULL, 0, "mount");
	r = view_finish(&c, &e);
	FUZZ_CHECK(r == -code);
	if (r == 0 && expected[1]) {
		const struct view_entry *entry = view_find(&view, expected);

		FUZZ_CHECK(entry && entry->kind == VIEW_SCRATCH);
		FUZZ_CHECK(view.count == tree->view_count + 2);
	}
	if (r == 0 && !expected[1]) /* the host is there already, and it is the stronger */
		FUZZ_CHECK(view_find(&view, "/")->kind == VIEW_READ_ONLY && view.count == tree->view_count + 1);
	for (size_t i = 1; r == 0 && i < view.count; i++)
		FUZZ_CHECK(!path_below(view.entry[i - 1].target, view.entry[i].target));
	view_done(&view);
}

static void do_line(struct made_up *tree, const struct host *host, char *line)
{
	char *path = line + 2, *link = NULL;

	if (!line[0] || line[1] != ' ' || *path != '/')
		return;
	if (line[0] == 'l' || line[0] == 'v') {
		link = strchr(path, ' ');
		if (!link)
			return;
		*link++ = '\0';
	}
	if (line[0] == 'd')
		add(tree, NODE_FOLDER, path, NULL);
	else if (line[0] == 'f')
		add(tree, NODE_FILE, path, NULL);
	else if (line[0] == 'l')
		add(tree, NODE_LINK, path, link);
	else if (line[0] == 'v' && *link && fuzz_is_normal(path, false) && !find(tree->view, tree->view_count, path))
		put(tree->view, &tree->view_count, NODE_LINK, path, link);
	else if (line[0] == '?')
		check_resolve(tree, host, path);
	else if (line[0] == 't')
		check_view(tree, host, path);
}

static void things_done(struct thing *things, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(things[i].path);
		free(things[i].link);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct made_up tree = {0};
	struct host host = {.look = look, .tree = &tree};
	autofree char *text = NULL;

	if (size > MAX_TEXT)
		return 0;
	text = xstrndup((const char *)data, size);
	for (char *line = text; line;) {
		char *next = strchr(line, '\n');

		if (next)
			*next++ = '\0';
		do_line(&tree, &host, line);
		line = next;
	}
	things_done(tree.host, tree.host_count);
	things_done(tree.view, tree.view_count);
	return 0;
}
