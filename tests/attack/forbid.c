/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forbid: hosts that allow less: no user namespaces. Started by root. */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = fd < 0 ? -1 : (int)write(fd, text, strlen(text));

	return r < 0 || close(fd) < 0 ? -1 : 0;
}

/* In a user namespace with the same ids, as soon as they are mapped. */
static int in_namespace(int ready, uid_t uid, gid_t gid, char **command)
{
	char byte;

	if (read(ready, &byte, 1) != 0 || put("/proc/sys/user/max_user_namespaces", "0") < 0)
		return broken("forbid user namespaces");
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return broken("become user %u", uid);
	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return broken("prctl");
	return execute(command);
}

/* UID GID COMMAND...: as that user, where nobody can make a user namespace. Ends with the status of the command. */
static int no_namespaces(int argc, char **argv)
{
	char map[64], path[64];
	int tell[2], status;
	pid_t pid;

	if (argc < 3 || pipe2(tell, O_CLOEXEC) < 0)
		return broken("a uid, a gid and a command are needed");
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(broken("make a user namespace"));
		(void)close(tell[1]);
		_exit(in_namespace(tell[0], (uid_t)atol(argv[0]), (gid_t)atol(argv[1]), argv + 2));
	}
	(void)snprintf(map, sizeof map, "0 0 4294967295\n");
	for (int tries = 0; tries < 2000; tries++) { /* until the child is in its namespace */
		(void)snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
		if (put(path, map) == 0)
			break;
		(void)usleep(1000);
	}
	(void)snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
	if (put(path, map) < 0)
		return broken("map the ids");
	(void)close(tell[1]);
	if (waitpid(pid, &status, 0) != pid)
		return broken("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const struct attack forbid_setups[] = {
	{"no-namespaces", "UID GID COMMAND...: as that user, where nobody can make a user namespace", no_namespaces},
	{0},
};
