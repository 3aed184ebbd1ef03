/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

int folder_make(const char *path, mode_t mode, const char *owner, struct err *e)
{
	autofree char *copy = xstrdup(path);
	autoclose int above = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = NULL;

	for (const char *name = strtok_r(copy, "/", &rest); name; name = strtok_r(NULL, "/", &rest)) {
		bool made = mkdirat(above, name, mode) == 0;
		int fd, r;

		if (!made && errno != EEXIST)
			return err_errno(e, errno, "make folder '%s': '%s'", path, name);
		fd = openat(above, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return err_errno(e, errno, "make folder '%s': '%s' must be a folder and not a link", path,
					 name);
		mem_close_ptr(&above);
		above = fd;
		r = made ? fd_give(above, "", owner) : 0;
		if (r < 0)
			return err_errno(e, -r, "make folder '%s': give '%s' to %s", path, name, owner);
	}
	return above >= 0 ? take_fd(&above) : err_errno(e, errno, "make folder '%s'", path);
}

int folder_own(const char *path, mode_t never, struct err *e)
{
	autoclose int made = folder_make(path, 0700, "", e), own = -1;
	struct stat st;

	if (made < 0)
		return made;
	own = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0 || fstat(own, &st) < 0)
		return err_errno(e, errno, "open '%s'", path);
	if (st.st_uid != geteuid() || st.st_mode & never)
		return err_set(e, EPERM, "'%s' is another user's, or others can %s", path,
			       never & 044 ? "look into it" : "write there");
	return take_fd(&own);
}

void folder_remove(int above, const char *name)
{
	autoclose int folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autostrv struct strv names = {0};

	if (folder >= 0 && fd_names(folder, &names) == 0)
		for (size_t i = 0; i < names.count; i++)
			(void)unlinkat(folder, names.v[i], 0);
	(void)unlinkat(above, name, AT_REMOVEDIR);
}
