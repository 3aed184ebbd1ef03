/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opened-path: paths of the list, as they are seen in the sandbox. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "run/opened.h"
#include "run/opened-entry.h"

int opened_compare(const void *a, const void *b)
{
	const struct opened_entry *left = a, *right = b;

	return strcmp(left->path, right->path);
}

void opened_add(struct opened *opened, const char *path, unsigned how, enum opened_found found)
{
	size_t len = strlen(path) + 1;
	struct opened_entry *entry, **there;

	entry = xmalloc(sizeof *entry + len);
	*entry = (struct opened_entry){.found = found};
	memcpy(entry->path, path, len);
	if (opened->count == OPENED_PATHS_MAX || opened->bytes + len > OPENED_BYTES_MAX) {
		there = tfind(entry, &opened->tree, opened_compare);
		opened->full |= !there;
	} else {
		there = tsearch(entry, &opened->tree, opened_compare);
		if (!there)
			abort(); /* memory is out: as xmalloc */
	}
	if (there)
		(*there)->how |= how;
	if (there && *there == entry) {
		opened->count++;
		opened->bytes += len;
	} else {
		free(entry);
	}
}

/* No name on the way is a link. */
static bool is_plain(int root, const char *path)
{
	autoclose int fd = -1;

	if (root < 0 || !*path)
		return !*path;
	fd = sys_openat2(root, path, O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	return fd >= 0;
}

static void up(struct str *path)
{
	while (path->len > 0 && path->s[path->len - 1] != '/')
		path->len--;
	path->len -= path->len > 0;
	path->s[path->len] = '\0';
}

char *opened_normal(int root, const char *path)
{
	struct str out = {0};
	bool by_letter = true; /* what is there has no link */

	str_add(&out, "");
	while (*path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && path[0] == '.' && path[1] == '.') {
			by_letter = by_letter && is_plain(root, out.s);
			if (by_letter)
				up(&out);
			else
				str_add(&out, "/..");
		} else if (len && !(len == 1 && path[0] == '.')) {
			str_add(&out, "/");
			str_add_bytes(&out, path, len);
		}
		path += len;
	}
	if (!out.len)
		str_add(&out, "/");
	return out.s;
}

/* What the kernel would find depends, there, on who asks. */
static bool is_of_the_process(const char *path)
{
	return path_below(path, "/proc") || path_below(path, "/dev");
}

enum opened_found opened_find(int root, const char *path)
{
	autoclose int fd = -1;

	if (root < 0)
		return OPENED_UNKNOWN;
	fd = sys_openat2(root, path, O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	if (fd >= 0)
		return OPENED_THERE;
	return (errno == ENOENT || errno == ENOTDIR) && !is_of_the_process(path) ? OPENED_MISSING : OPENED_UNKNOWN;
}
