/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keep-file: one file of the host to its copy, and what was saved there back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/mem.h"
#include "box/carry-file.h"
#include "box/clear.h"
#include "box/place.h"
#include "run/keep.h"

enum { FD_PATH = 32, TEMP_NAME = NAME_MAX + 1 };

static int failed(struct keep_file *file, int code, const char *why)
{
	file->why = why;
	file->code = code;
	return -code;
}

/* Content and times. */
static int copy_to(int from, int to, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};
	uint64_t left = UINT64_MAX;
	autofree char *buffer = xmalloc(CARRY_BUFFER);
	struct copy copy = {.from = from, .to = to, .buffer = buffer, .left = &left};
	int r = carry_content(&copy, st->st_size);

	return r == 0 && futimens(to, times) < 0 ? -errno : r;
}

/* A name that nothing else has; what is there by it was left by one that was killed. */
static void name_beside(const char *name, char ret[TEMP_NAME])
{
	(void)snprintf(ret, TEMP_NAME, ".%.200s.sbx-%d", name, getpid());
}

static int make_copy(struct keep_file *file, int from, const struct stat *st, struct err *e)
{
	char name[TEMP_NAME];
	autoclose int to = -1;
	int r;

	name_beside(file->copy, name);
	if (clear_tree(file->folder, name, e) < 0 || clear_tree(file->folder, file->copy, e) < 0)
		return -e->code;
	to = openat(file->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = to < 0 ? -errno : copy_to(from, to, st);
	if (r == 0 && fchmod(to, st->st_mode & 0777) < 0)
		r = -errno;
	if (r == 0)
		r = fd_give(to, "", file->owner);
	if (r == 0 && renameat(file->folder, name, file->folder, file->copy) < 0)
		r = -errno;
	if (r == 0) /* only now: the rename has changed it */
		r = fd_identity(to, file->state);
	return r < 0 ? err_errno(e, -r, "make a copy of '%s'", file->path) : 0;
}

static int check_host_file(const struct keep_file *file, const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, EINVAL, "'%s' is no regular file", file->path);
	if (geteuid() != 0 && st->st_uid != geteuid())
		return err_set(e, EPERM, "'%s' belongs to another user", file->path);
	if (faccessat(file->above, file->name, W_OK, AT_EACCESS) < 0)
		return err_errno(e, errno, "write '%s'", file->path);
	if (faccessat(file->above, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		(void)err_errno(e, errno, "make another file beside '%s'", file->path);
		return err_hint(e, "filesystem.read-write shows the file itself, for programs that write in place");
	}
	return (uint64_t)st->st_size <= file->step->n
		       ? 0
		       : err_set(e, EFBIG, "'%s' has more than %llu MiB, the most that is kept of a single file",
				 file->path, (unsigned long long)(file->step->n >> 20));
}

int keep_clear_folder(int folder, struct err *e)
{
	autostrv struct strv names = {0};
	int r = fd_names(folder, &names);

	if (r < 0)
		return err_errno(e, -r, "read the folder of copies");
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = clear_tree(folder, names.v[i], e);
	return r;
}

int keep_copy_in(struct keep_file *file, struct err *e)
{
	autoclose int from = -1;
	struct stat st;
	int r;

	if (file->above >= 0)
		from = openat(file->above, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (from < 0 && file->above >= 0 && errno != ENOENT)
		return err_errno(e, errno, "open '%s'", file->path);
	if (from < 0) /* one that was left in a private home is old */
		return clear_tree(file->folder, file->copy, e);
	if (fstat(from, &st) < 0)
		return err_errno(e, errno, "look at '%s'", file->path);
	r = check_host_file(file, &st, e);
	return r < 0 ? r : make_copy(file, from, &st, e);
}

/* The copy, open to be read: a regular file, which is looked at before it is opened. */
static int open_copy(struct keep_file *file, struct stat *ret)
{
	autoclose int found = place_open_name(file->folder, file->copy, O_PATH);
	char path[FD_PATH];
	int fd;

	if (found < 0)
		return failed(file, -found, "it can't be opened");
	if (fstat(found, ret) < 0 || !S_ISREG(ret->st_mode))
		return failed(file, EINVAL, "it is no regular file any more");
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", found);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 ? fd : failed(file, errno, "it can't be opened");
}

void keep_see_copy(struct keep_file *file)
{
	autoclose int fd = place_open_name(file->folder, file->copy, O_PATH);

	if (fd < 0 || fd_identity(fd, file->state) < 0)
		file->state[0] = '\0';
}

bool keep_is_same(const struct keep_file *file)
{
	autoclose int fd = place_open_name(file->folder, file->copy, O_PATH);
	char state[FD_IDENTITY] = "";

	return (fd >= 0 ? fd_identity(fd, state) == 0 : fd == -ENOENT) && str_eq(state, file->state);
}

static int make_new(struct keep_file *file)
{
	struct keep_new *coming = &file->coming;

	if (file->above < 0) {
		autofree char *above = xstrndup(file->path, (size_t)(file->name - 1 - file->path));
		struct err none = {0};
		autoclose int made = folder_make(above[0] ? above : "/", 0700, "", &none);

		file->above = made < 0 ? -1 : openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (file->above < 0)
		return failed(file, EIO, "its folder can't be made");
	coming->name[0] = '\0';
	coming->fd = openat(file->above, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (coming->fd >= 0)
		return 0;
	name_beside(file->name, coming->name);
	(void)unlinkat(file->above, coming->name, 0);
	coming->fd = openat(file->above, coming->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return coming->fd >= 0 ? 0 : failed(file, errno, "no other file can be made beside that of the host");
}

void keep_forget(struct keep_file *file)
{
	if (file->coming.fd >= 0 && file->coming.name[0])
		(void)unlinkat(file->above, file->coming.name, 0);
	mem_close_ptr(&file->coming.fd);
	file->coming.fd = -1;
}

/* A writer that comes meanwhile waits for the lease to be given back. Where there are no leases, the state says whether
 * one came. */
int keep_snapshot(struct keep_file *file)
{
	struct stat st;
	autoclose int from = open_copy(file, &st);
	char after[FD_IDENTITY];
	int r;

	if (from < 0)
		return from;
	if (fcntl(from, F_SETLEASE, F_RDLCK) < 0 && errno == EAGAIN)
		return failed(file, EAGAIN, "it is still being written");
	if (fstat(from, &st) < 0 || fd_identity(from, file->coming.state) < 0)
		return failed(file, EIO, "it can't be looked at");
	if (str_eq(file->coming.state, file->state))
		return -ENODATA;
	if ((uint64_t)st.st_size > file->step->n) /* it may have grown until now */
		return failed(file, EFBIG, "it is larger than a file that is kept may be");
	r = make_new(file);
	if (r < 0)
		return r;
	r = copy_to(from, file->coming.fd, &st);
	if (r < 0)
		r = failed(file, -r, "it can't be copied");
	else if (fd_identity(from, after) < 0 || !str_eq(after, file->coming.state))
		r = failed(file, EAGAIN, "it is still being written");
	if (r < 0)
		keep_forget(file);
	return r;
}

/* Of the mode and the owner of what it takes the place of. */
static int make_like(struct keep_file *file)
{
	struct stat st;

	if (fstatat(file->above, file->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : failed(file, errno, "the host's file can't be looked at");
	if (!S_ISREG(st.st_mode))
		return failed(file, EINVAL, "the host has no regular file there any more");
	if (fchown(file->coming.fd, geteuid() == 0 ? st.st_uid : (uid_t)-1, st.st_gid) < 0 && geteuid() == 0)
		return failed(file, errno, "its owner can't be set");
	return fchmod(file->coming.fd, st.st_mode & 0777) < 0 ? failed(file, errno, "its mode can't be set") : 0;
}

static int give_name(struct keep_file *file)
{
	struct keep_new *coming = &file->coming;
	char path[FD_PATH];

	if (!coming->name[0]) {
		name_beside(file->name, coming->name);
		(void)unlinkat(file->above, coming->name, 0);
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", coming->fd);
		if (linkat(AT_FDCWD, path, file->above, coming->name, AT_SYMLINK_FOLLOW) < 0)
			return failed(file, errno, "it can't get a name");
	}
	if (renameat(file->above, coming->name, file->above, file->name) < 0)
		return failed(file, errno, "it can't take the place of the host's file");
	coming->name[0] = '\0';
	return 0;
}

int keep_commit(struct keep_file *file)
{
	int r = make_like(file);

	if (r == 0 && fsync(file->coming.fd) < 0)
		r = failed(file, errno, "it can't be written to the disk");
	if (r == 0)
		r = give_name(file);
	if (r == 0) {
		(void)fsync(file->above); /* the one or the other is there, if the machine ends now */
		memcpy(file->state, file->coming.state, sizeof file->state);
		file->why = NULL;
		file->code = 0;
	}
	keep_forget(file);
	return r;
}

int keep_remove(struct keep_file *file)
{
	struct stat st;

	file->state[0] = '\0';
	if (file->above < 0 || fstatat(file->above, file->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return unlinkat(file->above, file->name, 0) < 0 ? failed(file, errno, "the host's file can't be removed") : 0;
}

void keep_put_aside(struct keep_file *file)
{
	autofree char *name = xasprintf("unsaved-%.200s", file->copy);
	struct err none = {0};
	struct stat st;

	if (fstatat(file->folder, file->copy, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    clear_tree(file->lock, name, &none) < 0)
		return;
	(void)renameat(file->folder, file->copy, file->lock, name);
}
