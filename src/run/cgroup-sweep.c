/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-sweep: a monitor that is killed leaves its groups, empty. The next one removes them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "run/cgroup-files.h"

enum { YOUNG_S = 10 }; /* its monitor may not have locked it yet */

/* A monitor holds a lock on each group that it made, or is in it; both end with it. */
static bool is_left(int parent, const char *name)
{
	autoclose int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	return folder >= 0 && fstat(folder, &st) == 0 && st.st_mtime + YOUNG_S <= time(NULL) &&
	       flock(folder, LOCK_EX | LOCK_NB) == 0;
}

int cgroup_lock(int folder, struct err *e)
{
	return flock(folder, LOCK_EX | LOCK_NB) == 0 ? 0 : err_errno(e, errno, "lock a cgroup");
}

void cgroup_sweep(int parent)
{
	autolist DIR *list = fd_list(parent);
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (str_starts(entry->d_name, "sbx-") && is_left(parent, entry->d_name))
			(void)unlinkat(parent, entry->d_name, AT_REMOVEDIR); /* EBUSY: it is in use after all */
}
