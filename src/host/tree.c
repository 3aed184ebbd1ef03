/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: paths of the host, as the caller sees them. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/tree.h"

enum { LINKS_MAX = 40 };

static enum node_type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return NODE_FILE;
	case S_IFDIR: return NODE_FOLDER;
	case S_IFLNK: return NODE_LINK;
	case S_IFCHR: return NODE_CHAR;
	case S_IFBLK: return NODE_BLOCK;
	case S_IFSOCK: return NODE_SOCKET;
	case S_IFIFO: return NODE_FIFO;
	default: return NODE_NONE;
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

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
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
	if (ret->count)
		qsort(ret->v, ret->count, sizeof *ret->v, by_name);
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

int host_resolve(const struct host *host, const char *path, char **ret_path, struct node *ret_node, struct err *e)
{
	autostr struct str done = {0};
	autofree char *rest = xstrdup(path);
	struct node node;
	int links = 0;

	node.type = NODE_FOLDER;
	str_add(&done, "/");
	for (char *p = rest;;) {
		size_t len;

		while (*p == '/')
			p++;
		if (!*p)
			break;
		len = strcspn(p, "/");
		if (len > NAME_MAX || done.len + len + 1 >= PATH_MAX)
			return err_errno(e, ENAMETOOLONG, "'%s'", path);
		if (len == 1 && p[0] == '.') {
			p += len;
			continue;
		}
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			up(&done);
			p += len;
			continue;
		}
		if (done.len > 1)
			str_add(&done, "/");
		str_add_bytes(&done, p, len);
		p += len;
		host->look(host, done.s, &node);
		if (node.type == NODE_NONE)
			return err_errno(e, ENOENT, "'%s'", path);
		if (node.type == NODE_LINK) {
			char *joined;

			if (++links > LINKS_MAX)
				return err_errno(e, ELOOP, "'%s'", path);
			joined = xasprintf("%s/%s", node.link, p);
			if (node.link[0] == '/') {
				done.len = 1;
				done.s[1] = '\0';
			} else {
				up(&done);
			}
			free(rest);
			rest = p = joined;
			node.type = NODE_FOLDER;
		} else if (node.type != NODE_FOLDER && *p) {
			return err_errno(e, ENOTDIR, "'%s'", path);
		}
	}
	*ret_path = xstrdup(done.s);
	if (ret_node) {
		if (done.len == 1)
			host->look(host, "/", &node);
		else
			host->look(host, done.s, &node);
		*ret_node = node;
	}
	return 0;
}
