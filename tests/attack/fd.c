/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: open files: leaked ones, standard ones reopened, and those of pid 1. */
#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FDS = 1100 };

static int fd_leaked(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int fd = 3; fd < FDS; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return opened("fd %d is open", fd);
	return shut("no fd beyond 2");
}

static bool secret_at(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool found = fd >= 0 && holds_secret(fd);

	if (fd >= 0)
		(void)close(fd);
	return found;
}

/* The secret, by way of each open fd: below it, by chdir, and by its link in /proc. */
static int fd_walk(int argc, char **argv)
{
	char path[4200];
	const char *secret = argc > 0 ? argv[0] : "/";

	for (int fd = 0; fd < FDS; fd++) {
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d%s", fd, secret);
		if (secret_at(AT_FDCWD, path))
			return opened("'%s'", path);
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		(void)snprintf(path, sizeof path, "./../../../../../../../..%s", secret);
		if (secret_at(fd, path) || secret_at(fd, path + sizeof "./../../../../../../../.." - 1 + 1))
			return opened("the secret below fd %d", fd);
		if (fchdir(fd) == 0 && secret_at(AT_FDCWD, path))
			return opened("the secret after fchdir(%d)", fd);
	}
	return shut("no fd leads to the secret");
}

/* Standard input, a file of the caller: opened again for writing, emptied, its mode changed. */
static int stdin_tamper(int argc, char **argv)
{
	static const int flags[] = {O_RDWR, O_WRONLY, O_WRONLY | O_TRUNC, O_WRONLY | O_APPEND};
	struct stat st;
	int why = 0;

	(void)argc, (void)argv;
	if (fstat(0, &st) == 0 && S_ISFIFO(st.st_mode))
		return errno = 0, shut("standard input is a pipe, not the file");
	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
		int fd = open("/proc/self/fd/0", flags[i] | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0 && write(fd, "TAMPERED", 8) == 8)
			return opened("standard input can be written, flags %#x", (unsigned)flags[i]);
		why = errno;
	}
	if (fchmod(0, 0777) == 0)
		return opened("the mode of standard input can be changed");
	if (ftruncate(0, 0) == 0)
		return opened("standard input can be emptied");
	errno = why;
	return shut("standard input can't be changed");
}

/* Standard output, a file of the caller: what others wrote there is emptied or read back. */
static int stdout_tamper(int argc, char **argv)
{
	struct stat st;
	char text[8];
	int fd;

	(void)argc, (void)argv;
	results_to(2);
	fd = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && read(fd, text, sizeof text) > 0)
		return opened("standard output can be read back");
	fd = open("/proc/self/fd/1", O_RDWR | O_TRUNC | O_CLOEXEC | O_NONBLOCK);
	if (ftruncate(1, 0) == 0 || lseek(1, 0, SEEK_SET) == 0)
		return opened("standard output can be emptied or rewound");
	if (fstat(1, &st) < 0 || (!S_ISFIFO(st.st_mode) && fchmod(1, 0777) == 0)) /* a pipe has no mode that counts */
		return opened("the mode of standard output can be changed");
	return shut("standard output can only be written to");
}

/* Out of the root by the working directory. */
static int cwd_escape(int argc, char **argv)
{
	char path[4096], up[4200];

	if (argc < 1)
		return broken("a path is needed");
	if (syscall(SYS_getcwd, path, sizeof path) < 0)
		return broken("getcwd");
	if (path[0] != '/')
		return opened("the working directory is '%s'", path);
	(void)snprintf(up, sizeof up, "../../../../../../../../../../..%s", argv[0]);
	if (secret_at(AT_FDCWD, up))
		return opened("'%s'", up);
	for (int i = 0; i < 50; i++)
		if (chdir("..") < 0)
			return shut("chdir(..)");
	if (secret_at(AT_FDCWD, argv[0] + 1))
		return opened("the secret after 50 times chdir(..)");
	return shut("no way up");
}

static bool bytes_at(const char *path, const char *wanted)
{
	static char text[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (fd >= 0)
		(void)close(fd);
	return n > 0 && memmem(text, (size_t)n, wanted, strlen(wanted));
}

/* Does a name in the folder lead to something? Root may list the folders of root, but no more. */
static bool leads_on(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char text[256];
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			found = readlinkat(dirfd(dir), entry->d_name, text, sizeof text) >= 0 ||
				openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) >= 0;
	if (dir)
		(void)closedir(dir);
	return found;
}

/* Pid 1 by way of /proc: its view, its variables, its memory, its files. */
static int proc_one(int argc, char **argv)
{
	static const char *const folders[] = {"/proc/1/fd", "/proc/1/map_files", "/proc/1/fdinfo"};
	static const char *const files[] = {"/proc/1/mem", "/proc/1/exe", "/proc/1/maps", "/proc/1/auxv"};
	char path[4200];

	if (argc < 1)
		return broken("a path is needed");
	(void)snprintf(path, sizeof path, "/proc/1/root%s", argv[0]);
	if (secret_at(AT_FDCWD, path))
		return opened("'%s'", path);
	if (bytes_at("/proc/1/environ", "="))
		return opened("the variables of pid 1");
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
		if (leads_on(folders[i]))
			return opened("'%s'", folders[i]);
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
		if (open(files[i], O_RDONLY | O_CLOEXEC) >= 0)
			return opened("'%s'", files[i]);
	if (chdir("/proc/1/cwd") == 0)
		return opened("the working directory of pid 1");
	return shut("nothing of pid 1 can be opened");
}

/* Leaves O_NONBLOCK on standard input, output and error; the setup `pty` looks at what is left. */
static int set_nonblock(int argc, char **argv)
{
	(void)argc, (void)argv;
	results_to(2);
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
			return shut("fcntl");
	return opened("standard files do not block");
}

const struct attack fd_attacks[] = {
	{"fd-leaked", "an fd beyond 2", fd_leaked},
	{"fd-walk", "PATH: a secret by way of any fd", fd_walk},
	{"stdin-tamper", "write to the file behind standard input", stdin_tamper},
	{"stdout-tamper", "read or empty the file behind standard output", stdout_tamper},
	{"cwd-escape", "PATH: a secret by way of the working directory", cwd_escape},
	{"proc-one", "PATH: view, variables, memory and files of pid 1", proc_one},
	{"set-nonblock", "leave O_NONBLOCK on the standard files", set_nonblock},
	{NULL, NULL, NULL},
};
