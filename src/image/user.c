/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/units.h"
#include "image/merged.h"
#include "image/parts.h"

/* 1, 0: there is none. */
static int read_of_image(const struct strv *layers, const char *path, struct str *ret, struct err *e)
{
	autoclose int fd = merged_open(layers, path, e);

	if (fd == -ENOENT)
		return 0;
	return fd < 0 || read_all(fd, path, ret, e) < 0 ? -e->code : 1;
}

/* The line whose first field, or third, is `text`. Its fields, up to `count`; false: there is none. */
static bool find_line(char *text, const char *key, int field, char *ret[], int count)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		int n = 0;

		for (char *p = line; n < count; n++) {
			ret[n] = p ? p : line + strlen(line);
			p = p ? strchr(p, ':') : NULL;
			if (p)
				*p++ = '\0';
		}
		if (str_eq(ret[field], key))
			return true;
	}
	return false;
}

static bool is_id(const char *text, uint32_t *ret)
{
	struct err none = {0};
	uint64_t id;

	if (units_number(text, UINT32_MAX - 1, &id, &none) < 0)
		return false;
	*ret = (uint32_t)id;
	return true;
}

static int find_user(const struct strv *layers, const char *text, struct image_user *ret, struct err *e)
{
	enum { NAME, PASSWORD, UID, GID, COMMENT, HOME, FIELDS };
	autostr struct str passwd = {0};
	bool number = is_id(text, &ret->uid);
	char *field[FIELDS];
	int r = read_of_image(layers, "etc/passwd", &passwd, e);

	if (r < 0)
		return r;
	if (!r || !passwd.len || !find_line(passwd.s, text, number ? UID : NAME, field, FIELDS))
		return number ? 0 : err_set(e, ENOENT, "the image has no user '%s'", text);
	if (!is_id(field[UID], &ret->uid) || !is_id(field[GID], &ret->gid))
		return err_set(e, EINVAL, "the image's /etc/passwd has no number for '%s'", text);
	ret->name = xstrdup(field[NAME]);
	ret->home = field[HOME][0] == '/' ? xstrdup(field[HOME]) : NULL;
	return 0;
}

static int find_group(const struct strv *layers, const char *text, gid_t *ret, struct err *e)
{
	autostr struct str group = {0};
	char *field[3];
	int r;

	if (is_id(text, ret))
		return 0;
	r = read_of_image(layers, "etc/group", &group, e);
	if (r < 0)
		return r;
	return r && group.len && find_line(group.s, text, 0, field, 3) && is_id(field[2], ret)
		       ? 0
		       : err_set(e, ENOENT, "the image has no group '%s'", text);
}

int image_user_find(const struct strv *layers, const char *text, struct image_user *ret, struct err *e)
{
	autofree char *user = xstrdup(text && *text ? text : "0");
	char *group = strchr(user, ':');
	struct image_user found = {0};
	int r;

	if (group)
		*group++ = '\0';
	r = find_user(layers, user, &found, e);
	if (r == 0 && group)
		r = find_group(layers, group, &found.gid, e);
	if (r < 0)
		image_user_done(&found);
	else
		*ret = found;
	return r;
}

void image_user_done(struct image_user *user)
{
	free(user->name);
	free(user->home);
	*user = (struct image_user){0};
}

/* The topmost layer that has the name says what it is. */
static void add_name(int layer, const char *name, struct strv *seen, struct strv *folders, struct strv *files)
{
	struct stat st;

	if (strv_has(seen, name) || fstatat(layer, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	strv_add(seen, name);
	if (S_ISDIR(st.st_mode))
		strv_add(folders, name);
	else if (S_ISREG(st.st_mode))
		strv_add(files, name);
}

int image_root_names(const struct strv *layers, struct strv *ret_folders, struct strv *ret_files, struct err *e)
{
	autostrv struct strv seen = {0};

	for (size_t i = 0; i < layers->count; i++) {
		autoclose int layer = open(layers->v[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		autolist DIR *list = layer < 0 ? NULL : fd_list(layer);
		const struct dirent *entry;

		if (!list)
			return err_errno(e, errno, "read '%s'", layers->v[i]);
		while ((entry = readdir(list)))
			if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
				add_name(layer, entry->d_name, &seen, ret_folders, ret_files);
	}
	return 0;
}
