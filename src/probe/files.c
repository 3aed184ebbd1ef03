/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files: what can be opened to read and to write. Nothing is read, nothing is written, nothing is emptied. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "probe/probe.h"

enum { HARMLESS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

/* The same file has the same of these outside and inside, whatever it is called there. */
static int identify(const struct stat *st, char identity[IDENTITY_SIZE])
{
	(void)snprintf(identity, IDENTITY_SIZE, "%jx:%ju", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
	return 0;
}

/* Opening anything else can have an effect. */
static int look(const char *path, struct stat *ret)
{
	if (stat(path, ret) < 0)
		return errno;
	return S_ISREG(ret->st_mode) || S_ISDIR(ret->st_mode) ? 0 : EINVAL;
}

int try_read(const char *what, char identity[IDENTITY_SIZE])
{
	struct stat st;
	int why = look(what, &st), fd;

	if (why)
		return why;
	fd = open(what, O_RDONLY | HARMLESS | (S_ISDIR(st.st_mode) ? O_DIRECTORY : 0));
	if (fd < 0)
		return errno;
	(void)close(fd);
	return identify(&st, identity);
}

/* A file without a name is the kindest way to find out. Where the disk has none, one with a name is made and removed.
 */
static int make_in(const char *folder)
{
	char name[4096];
	int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
		if (snprintf(name, sizeof name, "%s/.sbx-probe-%ld", folder, (long)getpid()) >= (int)sizeof name)
			return ENAMETOOLONG;
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 && unlink(name) < 0)
			return errno;
	}
	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

int try_write(const char *what, char identity[IDENTITY_SIZE])
{
	char path[4096];
	struct stat st;
	int why, fd;

	if (snprintf(path, sizeof path, "%s", what) >= (int)sizeof path)
		return ENAMETOOLONG;
	while ((why = look(path, &st)) == ENOENT) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return ENOENT;
		slash[slash == path] = '\0';
	}
	if (why)
		return why;
	if (S_ISDIR(st.st_mode)) {
		why = make_in(path);
	} else {
		fd = open(path, O_WRONLY | O_APPEND | HARMLESS);
		why = fd < 0 ? errno : 0;
		(void)close(fd);
	}
	return why ? why : identify(&st, identity);
}

/* A setuid program that would give its rights. */
int try_setuid(const char *what, char identity[IDENTITY_SIZE])
{
	struct statvfs disk;
	struct stat st;
	int why = look(what, &st);

	if (why)
		return why;
	if (!(st.st_mode & (S_ISUID | S_ISGID)) || access(what, X_OK) < 0)
		return EACCES;
	if (statvfs(what, &disk) < 0)
		return errno;
	if ((disk.f_flag & ST_NOSUID) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return EPERM;
	return identify(&st, identity);
}
