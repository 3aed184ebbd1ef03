/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-path: formats of cgroups(7). */
#include "host/cgroup-path.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "host/mountinfo.h"

bool cgroup_word(const char *list, const char *separators, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t n = strcspn(list, separators);

		if (n == len && memcmp(list, word, n) == 0)
			return true;
		list += n + (list[n] != '\0');
	}
	return false;
}

/* Takes the next line off `*text`; NULL at the end. */
static char *next_line(const char **text)
{
	size_t n = strcspn(*text, "\n");
	char *line;

	if (!**text)
		return NULL;
	line = xstrndup(*text, n);
	*text += n + ((*text)[n] != '\0');
	return line;
}

/* ID:CONTROLLERS:PATH; the v2 line is 0::PATH. */
static char *own_path(const char *cgroups, const char *controller)
{
	for (;;) {
		autofree char *line = next_line(&cgroups);
		char *list = line ? strchr(line, ':') : NULL, *path;

		if (!line)
			return NULL;
		path = list ? strchr(list + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		list++;
		if (controller ? cgroup_word(list, ",", controller) : !*list)
			return xstrdup(path);
	}
}

/* Root and point of the mount; false if the line is not one of the wanted hierarchy. */
static bool mount_fields(char *line, const char *controller, char **root, char **point)
{
	struct mountinfo mount;

	if (!mountinfo_take(line, &mount) || !str_eq(mount.type, controller ? "cgroup" : "cgroup2"))
		return false;
	*root = mount.root;
	*point = mount.point;
	return !controller || cgroup_word(mount.options, ",", controller);
}

/* What of `path` lies below `root`; NULL if nothing does. Names of groups above a namespace begin with "/..". */
static const char *below(const char *path, const char *root)
{
	size_t len = str_eq(root, "/") ? 0 : strlen(root);

	if (str_starts(path, "/..") || str_starts(root, "/..") || strncmp(path, root, len) != 0)
		return NULL;
	path += len;
	if (*path && *path != '/')
		return NULL;
	return str_eq(path, "/") ? "" : path;
}

char *cgroup_folder(const char *cgroups, const char *mounts, const char *controller, char **ret_mount)
{
	autofree char *path = own_path(cgroups, controller);

	while (path) {
		autofree char *line = next_line(&mounts);
		char *root, *point;
		const char *rest;

		if (!line)
			break;
		if (!mount_fields(line, controller, &root, &point))
			continue;
		rest = below(path, root);
		if (!rest)
			continue;
		if (ret_mount)
			*ret_mount = xstrdup(point);
		return xasprintf("%s%s", point, rest);
	}
	return NULL;
}
