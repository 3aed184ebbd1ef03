/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"

int fd_write(int fd, const void *bytes, size_t size)
{
	const char *p = bytes;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int fd_read_all(int fd, size_t most, struct str *ret)
{
	char part[16384];

	str_add(ret, "");
	for (;;) {
		ssize_t n = read(fd, part, sizeof part);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (ret->len + (size_t)n > most)
			return -EFBIG;
		str_add_bytes(ret, part, (size_t)n);
	}
}

int fd_write_file(int dir, const char *path, const char *text)
{
	autoclose int fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

ssize_t fd_read_file(int dir, const char *path, char *buf, size_t size)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		ssize_t n = read(fd, buf + len, size - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	buf[len] = '\0';
	return (ssize_t)len;
}

int fd_open_plain(const char *path, int flags, mode_t mode)
{
	return sys_openat2(AT_FDCWD, path, (unsigned)flags, flags & O_CREAT ? mode : 0,
			   RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int fd_give(int dir, const char *name, const char *owner)
{
	unsigned uid, gid;

	if (!*owner)
		return 0;
	if (sscanf(owner, "%u:%u", &uid, &gid) != 2)
		return -EINVAL;
	return fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int fd_identity(int fd, char ret[FD_IDENTITY])
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	(void)snprintf(ret, FD_IDENTITY, "%u:%u:%llu %lld bytes %lld.%09ld %lld.%09ld", major(st.st_dev),
		       minor(st.st_dev), (unsigned long long)st.st_ino, (long long)st.st_size,
		       (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec,
		       st.st_ctim.tv_nsec);
	return 0;
}

DIR *fd_list(int folder)
{
	autoclose int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again >= 0 ? fdopendir(again) : NULL;

	if (list)
		again = -1;
	return list;
}

void fd_list_done(DIR **list)
{
	if (*list)
		(void)closedir(*list);
}

int fd_names(int folder, struct strv *ret)
{
	autolist DIR *list = fd_list(folder);
	const struct dirent *entry;

	if (!list)
		return -errno;
	while ((errno = 0, entry = readdir(list)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			strv_add(ret, entry->d_name);
	return -errno;
}

int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return 0;
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}
