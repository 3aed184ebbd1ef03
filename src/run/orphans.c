/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

enum { LIST_SIZE = 1 << 16 };

int orphans_expect(const struct plan *plan, struct err *e)
{
	if (!plan_find(plan, STEP_SUBREAPER))
		return 0;
	return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? err_errno(e, errno, "become the reaper of what is left") : 0;
}

static void kill_children(void)
{
	char path[64], list[LIST_SIZE], *rest = list;

	(void)snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	if (fd_read_file(AT_FDCWD, path, list, sizeof list) <= 0)
		return;
	for (;;) {
		char *end;
		long pid = strtol(rest, &end, 10);

		if (end == rest || pid <= 1)
			return;
		(void)kill((pid_t)pid, SIGKILL); /* it is not reaped yet, so the number is its own */
		rest = end;
	}
}

void orphans_end(const struct plan *plan)
{
	pid_t pid;

	if (!plan_find(plan, STEP_SUBREAPER))
		return;
	do {
		kill_children();
		pid = waitpid(-1, NULL, __WALL); /* the children of one that dies are ours at once */
	} while (pid > 0 || errno == EINTR);
}
