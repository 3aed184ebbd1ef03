/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: files by their names: read, make, change, execute what the view should not give. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first of the paths that can be read and holds SECRET. */
static int read_secret(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0 && holds_secret(fd))
			return opened("read '%s'", argv[i]);
		if (fd >= 0)
			(void)close(fd);
	}
	return shut("the secret is not there");
}

/* The first of the paths that can be opened for writing; nothing is written. */
static int open_write(int argc, char **argv)
{
	int why = ENOENT;

	for (int i = 0; i < argc; i++) {
		int fd = open(argv[i], O_WRONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0)
			return opened("'%s' for writing", argv[i]);
		if (errno != ENOENT)
			why = errno;
	}
	errno = why;
	return shut("nothing can be opened for writing");
}

/* Makes each of the paths, with the folders above it. */
static int make_file(int argc, char **argv)
{
	int made = 0;

	for (int i = 0; i < argc; i++) {
		char *path = argv[i];
		int fd;

		for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			(void)mkdir(path, 0755);
			*slash = '/';
		}
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		made += fd >= 0 && write(fd, "evil\n", 5) == 5;
		if (fd >= 0)
			(void)close(fd);
	}
	return made ? opened("made %d files", made) : shut("no file can be made");
}

/* Copies this program into the folder, and executes the copy. */
static int exec_copy(int argc, char **argv)
{
	char path[4096];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to, status = 0;
	pid_t pid;

	(void)snprintf(path, sizeof path, "%s/attack-copy", argc > 0 ? argv[0] : ".");
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (from < 0 || to < 0)
		return broken("make '%s'", path);
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	(void)close(to);
	pid = fork();
	if (pid == 0) {
		(void)close(1); /* its list is no result */
		(void)execl(path, "attack-copy", "list", (char *)NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return broken("fork");
	(void)unlink(path);
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return status == 0 ? opened("executed '%s'", path) : shut("execute '%s'", path);
}

/* Replaces the folder by a symbolic link to the second path. */
static int swap_for_link(int argc, char **argv)
{
	if (argc < 2)
		return broken("two paths are needed");
	if ((rmdir(argv[0]) < 0 && errno != ENOENT) || symlink(argv[1], argv[0]) < 0)
		return shut("'%s' stays", argv[0]);
	return opened("'%s' is a link", argv[0]);
}

/* Is a mount of the sandbox suid, dev (outside of /dev), or connected with the host's? */
static int mount_table(int argc, char **argv)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[8192], path[4096], flags[512], rest[512];

	(void)argc, (void)argv;
	if (!file)
		return broken("open /proc/self/mountinfo");
	while (fgets(line, sizeof line, file)) {
		rest[0] = '\0'; /* a private mount has no more fields */
		if (sscanf(line, "%*s %*s %*s %*s %4095s %511s %511[^-]", path, flags, rest) < 2)
			return (void)fclose(file), broken("line '%s'", line);
		if (!strstr(flags, "nosuid"))
			return opened("'%s' is suid", path);
		if (!strstr(flags, "nodev") && strncmp(path, "/dev", 4))
			return opened("'%s' has devices", path);
		if (strstr(rest, "shared:") || strstr(rest, "master:"))
			return opened("'%s' is connected with other mounts: %s", path, rest);
	}
	(void)fclose(file);
	return errno = 0, shut("all mounts are nosuid, nodev and private");
}

const struct attack file_attacks[] = {
	{"read-secret", "PATH...: read a file that holds SECRET", read_secret},
	{"open-write", "PATH...: open one for writing", open_write},
	{"make-file", "PATH...: make one, and its folders", make_file},
	{"exec-copy", "FOLDER: execute a program put there", exec_copy},
	{"swap-for-link", "FOLDER TEXT: put a symbolic link in its place", swap_for_link},
	{"mount-table", "a mount with suid, devices, or propagation", mount_table},
	{NULL, NULL, NULL},
};
