/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: paths of the host, as the caller sees them. */
#include "host/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { LINKS_MAX = 40 };

static enum node_type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return NODE_FILE;
	case S_IFDIR:
		return NODE_FOLDER;
	case S_IFLNK:
		return NODE_LINK;
	case S_IFCHR:
		return NODE_CHAR;
	case S_IFBLK:
		return NODE_BLOCK;
	case S_IFSOCK:
		return NODE_SOCKET;
	case S_IFIFO:
		return NODE_FIFO;
	default:
		return NODE_NONE;
	}
}

void tree_look(const struct host *host, const char *path, struct node *ret)
{
	struct stat st;
	ssize_t n;

	(void)host;
	ret->type = NODE_NONE;
	ret->link[0] = '\0';
	if (lstat(path, &st) < 0)
		return;
	ret->type = type_of(st.st_mode);
	ret->mode = st.st_mode & 07777;
	ret->uid = st.st_uid;
	ret->rdev = st.st_rdev;
	if (ret->type != NODE_LINK)
		return;
	n = readlink(path, ret->link, sizeof ret->link - 1);
	if (n <= 0 || (size_t)n >= sizeof ret->link - 1)
		ret->type = NODE_NONE;
	else
		ret->link[n] = '\0';
}

enum node_type tree_look_fd(const struct host *host, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	(void)host;
	if (flags < 0 || fstat(fd, &st) < 0)
		return NODE_NONE;
	if (flags & O_PATH)
		return NODE_LINK;
	return st.st_mode & S_IFMT ? type_of(st.st_mode) : NODE_FILE; /* an epoll or the like is of no type */
}

void tree_list(const struct host *host, const char *path, struct strv *ret)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	(void)host;
	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			strv_add(ret, entry->d_name);
	(void)closedir(folder);
	strv_sort(ret, 0);
}

/* Removes the last name of an absolute path; "/" stays. */
static void up(struct str *path)
{
	while (path->len > 1 && path->s[path->len - 1] != '/')
		path->len--;
	if (path->len > 1)
		path->len--;
	path->s[path->len] = '\0';
}

/* A path while it is resolved: what is done, and what is left. */
struct walk {
	struct str done;
	bool looked; /* the node is that of `done` */
	char *rest;  /* owned */
	char *next;  /* into rest */
	int links;
	struct strv *met; /* gets the places of the links; may be NULL */
};

/* The text of a link takes the place of what was done, or of its last name. */
static int follow(struct walk *w, const char *link)
{
	char *joined;

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	joined = xasprintf("%s%s", link, w->next); /* the slash that follows, if one does, is still there */
	if (link[0] == '/') {
		w->done.len = 1;
		w->done.s[1] = '\0';
	} else {
		up(&w->done);
	}
	w->looked = false;
	free(w->rest);
	w->rest = w->next = joined;
	return 0;
}

/* One name further. 1, 0 at the end, negative errno. */
static int advance(const struct host *host, struct walk *w, struct node *node)
{
	const char *name;
	size_t len;

	w->next += strspn(w->next, "/");
	if (!*w->next)
		return 0;
	name = w->next;
	len = strcspn(name, "/");
	w->next += len;
	if (len > NAME_MAX || w->done.len + len + 1 >= PATH_MAX)
		return -ENAMETOOLONG;
	if (len == 1 && name[0] == '.')
		return 1;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		up(&w->done);
		w->looked = false;
		return 1;
	}
	if (w->done.len > 1)
		str_add(&w->done, "/");
	str_add_bytes(&w->done, name, len);
	host->look(host, w->done.s, node);
	w->looked = true;
	if (node->type == NODE_NONE)
		return -ENOENT;
	if (node->type == NODE_LINK) {
		int r;

		if (w->met)
			strv_add(w->met, w->done.s);
		r = follow(w, node->link);

		return r < 0 ? r : 1;
	}
	return node->type != NODE_FOLDER && *w->next ? -ENOTDIR : 1;
}

/* To the end of the path, or to what stops it. The walk is the caller's to end. */
static int walk(const struct host *host, const char *path, struct walk *w, struct node *node)
{
	int r;

	w->next = w->rest = xstrdup(path);
	str_add(&w->done, "/");
	do
		r = advance(host, w, node);
	while (r > 0);
	return r;
}

static void walk_done(struct walk *w)
{
	free(w->rest);
	str_done(&w->done);
}

void host_links(const struct host *host, const char *path, struct strv *ret)
{
	struct walk w = {.met = ret};
	struct node node;

	(void)walk(host, path, &w, &node);
	walk_done(&w);
}

int host_resolve(const struct host *host, const char *path, char **ret_path, struct node *ret_node, struct err *e)
{
	struct walk w = {0};
	struct node node;
	int r = walk(host, path, &w, &node);

	if (r == 0 && !w.looked)
		host->look(host, w.done.s, &node);
	if (r == 0 && ret_node)
		*ret_node = node;
	if (r == 0)
		*ret_path = xstrdup(w.done.s);
	walk_done(&w);
	return r < 0 ? err_errno(e, -r, "'%s'", path) : 0;
}

char *host_absolute_here(const struct host *host, const char *path)
{
	if (*path == '/' || !host->cwd)
		return xstrdup(path);
	return xasprintf("%s/%s", host->cwd[1] ? host->cwd : "", path);
}

char *host_real(const struct host *host, const char *path)
{
	autofree char *real = NULL, *above = NULL, *above_real = NULL;
	const char *slash = strrchr(path, '/');
	struct err none = {0};

	if (host_resolve(host, path, &real, NULL, &none) == 0)
		return take(real);
	if (!slash || slash == path)
		return xstrdup(path);
	above = xstrndup(path, (size_t)(slash - path));
	above_real = host_real(host, above);
	return xasprintf("%s%s", above_real[1] ? above_real : "", slash);
}
