/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile-file: looks into the profile folders, and opens nothing but regular files. */
#include "policy/profile-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "policy/suggest.h"

static const char suffix[] = ".ini";

int profile_check_name(const char *name, struct err *e)
{
	if (!*name)
		return err_set(e, EINVAL, "the name of the profile is empty");
	if (*name == '.' || *name == '-')
		return err_set(e, EINVAL, "'%s' is not a name of a profile: it starts with '%c'", name, *name);
	for (const char *p = name; *p; p++)
		if (*p == '/' || (unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, EINVAL, "'%s' is not a name of a profile: it has '/' or a control byte in it",
				       name);
	return 0;
}

static void close_folder(DIR **folder)
{
	if (*folder)
		(void)closedir(*folder);
}

/* Adds NAME to the list, if `file` is that and the suffix, and could be given by name. */
static void add_name(const char *file, const char *ending, struct strv *list)
{
	size_t len = strlen(file), end = strlen(ending);
	autofree char *name = NULL;
	struct err ignored;

	if (len <= end || !str_eq(file + len - end, ending))
		return;
	name = xstrndup(file, len - end);
	if (profile_check_name(name, &ignored) == 0)
		strv_take(list, take(name));
}

/* NAME of every NAME.ini in the folder; `overlaid`: of every NAME.d as well, if it is not NULL. */
static int list_folder(const char *path, struct strv *ret, struct strv *overlaid, struct err *e)
{
	__attribute__((cleanup(close_folder))) DIR *folder = opendir(path);
	const struct dirent *entry;

	if (!folder && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!folder)
		return err_errno(e, errno, "read the folder '%s'", path);
	while ((errno = 0, entry = readdir(folder))) {
		add_name(entry->d_name, suffix, ret);
		if (overlaid)
			add_name(entry->d_name, ".d", overlaid);
	}
	return errno ? err_errno(e, errno, "read the folder '%s'", path) : 0;
}

int profile_list(const char *folder, struct strv *ret, struct err *e)
{
	return folder ? list_folder(folder, ret, NULL, e) : 0;
}

int profile_scan(const char *folder, struct strv *ret, struct strv *overlaid, struct err *e)
{
	return folder ? list_folder(folder, ret, overlaid, e) : 0;
}

int profile_drop_ins(const char *name, const char *folder, struct strv *ret, struct err *e)
{
	autofree char *path = NULL;
	autostrv struct strv names = {0};
	int r;

	if (!folder)
		return 0;
	path = xasprintf("%s/%s.d", folder, name);
	r = list_folder(path, &names, NULL, e);
	strv_sort(&names, 0);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		strv_take(ret, xasprintf("%s/%s%s", path, names.v[i], suffix));
	return r;
}

/* ENOENT, and the nearest name of those that may be meant. */
static int not_found(const char *name, const struct profile_folders *folders, int first, struct err *e)
{
	autostrv struct strv names = {0};
	const char *nearest;
	struct err ignored;

	for (int i = first; i < FOLDER_COUNT; i++)
		(void)profile_list(folders->folder[i], &names, &ignored); /* only to suggest something */
	(void)err_set(e, ENOENT, "there is no profile '%s'%s", name,
		      first > FOLDER_USER ? " of the system, and a profile of the system includes no other" : "");
	nearest = suggest(name, (const char *const *)names.v, names.count);
	return nearest ? err_hint(e, "did you mean '%s'?", nearest) : -ENOENT;
}

int profile_locate(const char *name, const struct profile_folders *folders, int first, char **ret_path, int *ret_folder,
		   struct err *e)
{
	for (int i = first; i < FOLDER_COUNT; i++) {
		autofree char *path = NULL;

		if (!folders->folder[i])
			continue;
		path = xasprintf("%s/%s%s", folders->folder[i], name, suffix);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			*ret_folder = i;
			*ret_path = take(path);
			return 0;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			return err_errno(e, errno, "look for the profile '%s'", path);
	}
	return not_found(name, folders, first, e);
}

/* `size` is what fstat(2) said: when that much has come, it was all, and the end need not be read. */
static int read_all(int fd, const char *path, size_t size, struct str *text, struct err *e)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, errno, "read '%s'", path);
		str_add_bytes(text, buf, (size_t)n);
		if (text->len > PROFILE_MAX_BYTES)
			return err_set(e, EFBIG, "'%s' is too large, at most %d KiB", path, PROFILE_MAX_BYTES / 1024);
		if (text->len == size)
			break;
	}
	return 0;
}

int profile_read(const char *path, struct str *ret_text, struct err *e)
{
	autoclose int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	autostr struct str text = {0};
	struct stat st;
	int r;

	if (fd < 0)
		return err_errno(e, errno, "open the profile '%s'", path);
	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "'%s' is not a regular file", path);
	str_add(&text, "");
	r = read_all(fd, path, (size_t)st.st_size, &text, e);
	if (r < 0)
		return r;
	*ret_text = text;
	text = (struct str){0};
	return 0;
}
