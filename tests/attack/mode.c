/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: files with set-user-id and set-group-id bits planted in a writable folder, by every call that takes a mode.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* `fd` is of an ordinary file at `path`; `fresh` is a path where nothing is. `mode` holds the bits. */
struct target {
	int fd;
	const char *path, *fresh;
	mode_t mode;
};

#ifdef SYS_chmod
static long by_chmod(const struct target *t)
{
	return syscall(SYS_chmod, t->path, t->mode);
}

static long by_creat(const struct target *t)
{
	return syscall(SYS_creat, t->fresh, t->mode);
}

static long by_open(const struct target *t)
{
	return syscall(SYS_open, t->fresh, O_WRONLY | O_CREAT | O_EXCL, t->mode);
}

static long by_mknod(const struct target *t)
{
	return syscall(SYS_mknod, t->fresh, t->mode | S_IFREG, 0);
}
#endif

static long by_fchmod(const struct target *t)
{
	return syscall(SYS_fchmod, t->fd, t->mode);
}

static long by_fchmodat(const struct target *t)
{
	return syscall(SYS_fchmodat, AT_FDCWD, t->path, t->mode);
}

static long by_fchmodat2(const struct target *t)
{
	return syscall(SYS_fchmodat2, AT_FDCWD, t->path, t->mode, 0);
}

/* The kernel looks at 16 bits only; a filter that compares more must not be led astray by the others. */
static long by_high_bits(const struct target *t)
{
	return syscall(SYS_fchmod, t->fd, t->mode | 0x100000000UL | S_IFREG);
}

static long by_openat(const struct target *t)
{
	return syscall(SYS_openat, AT_FDCWD, t->fresh, O_WRONLY | O_CREAT | O_EXCL, t->mode);
}

static long by_openat2(const struct target *t)
{
	struct open_how how = {.flags = O_WRONLY | O_CREAT | O_EXCL, .mode = t->mode};

	return syscall(SYS_openat2, AT_FDCWD, t->fresh, &how, sizeof how);
}

static long by_tmpfile(const struct target *t)
{
	char link[64], folder[4096];
	int fd;

	(void)snprintf(folder, sizeof folder, "%s", t->fresh);
	*strrchr(folder, '/') = '\0';
	fd = (int)syscall(SYS_openat, AT_FDCWD, folder, O_WRONLY | O_TMPFILE, t->mode);
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return fd < 0 ? -1 : linkat(AT_FDCWD, link, AT_FDCWD, t->fresh, AT_SYMLINK_FOLLOW);
}

static long by_mknodat(const struct target *t)
{
	return syscall(SYS_mknodat, AT_FDCWD, t->fresh, t->mode | S_IFREG, 0);
}

static const struct method {
	const char *name;
	long (*call)(const struct target *t);
} methods[] = {
#ifdef SYS_chmod
	{"chmod", by_chmod},   {"creat", by_creat},       {"open", by_open},           {"mknod", by_mknod},
#endif
	{"fchmod", by_fchmod}, {"fchmodat", by_fchmodat}, {"fchmodat2", by_fchmodat2}, {"high-bits", by_high_bits},
	{"openat", by_openat}, {"openat2", by_openat2},   {"tmpfile", by_tmpfile},     {"mknodat", by_mknodat},
};

static bool has_bits(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID));
}

/* Tries one method with one bit in the folder; what is planted stays there only if asked for. */
static int plant(const struct method *method, const char *folder, mode_t bit)
{
	char path[4096], fresh[4096];
	struct target t = {.path = path, .fresh = fresh, .mode = bit | 0755};
	bool found;

	(void)snprintf(path, sizeof path, "%s/planted-file", folder);
	(void)snprintf(fresh, sizeof fresh, "%s/planted-fresh", folder);
	(void)unlink(path);
	(void)unlink(fresh);
	t.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (t.fd < 0)
		return broken("make '%s'", path);
	errno = 0;
	(void)method->call(&t);
	found = has_bits(path) || has_bits(fresh);
	(void)close(t.fd);
	return found ? opened("%s planted %04o", method->name, bit | 0755) : RESULT_SHUT;
}

/* METHOD FOLDER */
static int suid_bits(int argc, char **argv)
{
	if (argc < 2)
		return broken("a method and a folder are needed");
	(void)umask(0);
	for (unsigned i = 0; i < sizeof methods / sizeof *methods; i++) {
		int result, why;

		if (strcmp(methods[i].name, argv[0]))
			continue;
		result = plant(&methods[i], argv[1], S_ISUID);
		why = errno;
		if (result == RESULT_SHUT)
			result = plant(&methods[i], argv[1], S_ISGID);
		errno = why;
		return result == RESULT_SHUT ? shut("%s", methods[i].name) : result;
	}
	return errno = 0, broken("no method '%s'", argv[0]);
}

const struct attack mode_attacks[] = {
	{"suid-bits", "METHOD FOLDER: plant a set-user-id or set-group-id file", suid_bits},
	{NULL, NULL, NULL},
};
