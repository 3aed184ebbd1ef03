/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-own: the monitor's own v2 group becomes a parent. Such a group may hold no processes, so the monitor, if it is
 * the only one there, moves into a child for the time of the run; or into a scope that systemd makes for it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "run/cgroup-files.h"

enum { LIST_SIZE = 4096 };

static const struct {
	uint64_t bit;
	const char *name;
} controllers_v2[] = {
	{GROUP_MEMORY, "memory"}, {GROUP_PIDS, "pids"}, {GROUP_CPU, "cpu"}, {GROUP_CPUSET, "cpuset"}, {GROUP_IO, "io"},
};

static uint64_t enabled_in(int folder)
{
	char list[LIST_SIZE];
	uint64_t bits = GROUP_CPUACCT; /* every v2 group accounts */

	if (fd_read_file(folder, "cgroup.subtree_control", list, sizeof list) < 0)
		return bits;
	for (char *save = NULL, *word = strtok_r(list, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		for (size_t i = 0; i < countof(controllers_v2); i++)
			if (str_eq(word, controllers_v2[i].name))
				bits |= controllers_v2[i].bit;
	return bits;
}

/* All at once, so that all or none is changed. */
static int control(int folder, uint64_t bits, char sign)
{
	autostr struct str text = {0};

	for (size_t i = 0; i < countof(controllers_v2); i++)
		if (bits & controllers_v2[i].bit)
			str_addf(&text, "%s%c%s", text.len ? " " : "", sign, controllers_v2[i].name);
	return text.len ? fd_write_file(folder, "cgroup.subtree_control", text.s) : 0;
}

static void self_name(char name[64])
{
	(void)snprintf(name, 64, "sbx-%d-self", getpid());
}

static bool is_alone(int folder)
{
	char list[LIST_SIZE], own[32];

	(void)snprintf(own, sizeof own, "%d\n", getpid());
	return fd_read_file(folder, "cgroup.procs", list, sizeof list) >= 0 && str_eq(list, own);
}

static int move_self(struct cgroups *groups, int folder, struct err *e)
{
	char name[64];
	autoclose int child = -1;
	int r;

	self_name(name);
	groups->scope = fcntl(folder, F_DUPFD_CLOEXEC, 3);
	if (groups->scope < 0)
		return err_errno(e, errno, "duplicate a cgroup");
	if (mkdirat(folder, name, 0755) < 0)
		return err_errno(e, errno, "make cgroup '%s'", name);
	child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return err_errno(e, errno, "open cgroup '%s'", name);
	r = fd_write_file(child, "cgroup.procs", "0");
	return r < 0 ? err_errno(e, -r, "move sbx into cgroup '%s'", name) : 0;
}

int cgroup_enable(struct cgroups *groups, int parent, uint64_t controllers, struct err *e)
{
	uint64_t missing = controllers & ~enabled_in(parent);
	int r = 0;

	if (!missing)
		return 0;
	if (groups->scope < 0 && is_alone(parent))
		r = move_self(groups, parent, e);
	if (r < 0)
		return r;
	r = control(parent, missing, '+');
	if (r == 0 && groups->scope >= 0)
		groups->enabled |= missing;
	if (r == -ENOENT) {
		(void)err_set(e, ENOENT,
			      "the cgroup below which the sandbox is made lacks a controller that its limits need");
		return err_hint(e, "have the administrator delegate it: Delegate= in systemd.resource-control(5)");
	}
	return r < 0 ? err_errno(e, -r, "enable the controllers of a cgroup") : 0;
}

int cgroup_return(struct cgroups *groups, struct err *e)
{
	char name[64];
	int r = 0;

	if (groups->scope < 0)
		return 0;
	self_name(name);
	if (!groups->scope_keeper) { /* a scope goes away with its last process */
		r = control(groups->scope, groups->enabled, '-');
		if (r == 0)
			r = fd_write_file(groups->scope, "cgroup.procs", "0");
		if (r == 0)
			r = cgroup_rmdir(groups->scope, name);
	}
	mem_close_ptr(&groups->scope);
	groups->scope = -1;
	groups->enabled = 0;
	return r < 0 ? err_errno(e, -r, "leave cgroup '%s'", name) : 0;
}

/* In the child: becomes the helper, with its output in `out`. */
static void become_helper(const char *helper, int out, pid_t monitor)
{
	char pid[32];
	char *const argv[] = {(char *)"sbx-scope", pid, NULL};
	sigset_t none;

	(void)snprintf(pid, sizeof pid, "%d", monitor);
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(out, STDERR_FILENO) >= 0)
		(void)execv(helper, argv);
	_exit(127);
}

static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < size - 1) || (n < 0 && errno == EINTR));
	buf[len] = '\0';
	return n < 0 ? -errno : (ssize_t)len;
}

/* What the helper printed, without the newline. Fails unless it succeeded; then that is why. */
static int run_helper(const char *helper, char *ret, size_t size, struct err *e)
{
	int out[2], status = 0;
	pid_t monitor = getpid(), pid;
	ssize_t n;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	pid = fork();
	if (pid == 0)
		become_helper(helper, out[1], monitor);
	(void)close(out[1]);
	n = pid < 0 ? -errno : read_all(out[0], ret, size);
	(void)close(out[0]);
	if (n < 0)
		return err_errno(e, (int)-n, "run '%s'", helper);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ret[strcspn(ret, "\n")] = '\0';
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
		return err_set(e, EIO, "run '%s': it did not run", helper);
	if (WEXITSTATUS(status) != 0)
		return err_set(e, EIO, "ask systemd for a scope: %s", ret);
	return 0;
}

int cgroup_scope(struct cgroups *groups, const char *helper, struct err *e)
{
	char path[4096];
	int folder, r = run_helper(helper, path, sizeof path, e);

	if (r < 0)
		return r;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_errno(e, errno, "open cgroup '%s'", path);
	groups->scope_keeper = getpid();
	return folder;
}
