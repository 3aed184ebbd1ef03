/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "pack/pack.h"
#include "pack/root.h"

/* A file with several names, of which one has been copied. */
struct known {
	dev_t device;
	ino_t inode;
	const char *path; /* borrowed */
};

struct copying {
	const struct closure *closure;
	int root, target;
	struct known *known;
	size_t known_count, known_cap;
	struct pack_copied done;
};

static const char *below_target(const struct closure_entry *entry)
{
	return entry->path + 1;
}

static int copy_by_hand(int from, int to)
{
	char part[65536];

	for (;;) {
		ssize_t n = read(from, part, sizeof part);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = fd_write(to, part, (size_t)n);
		if (r < 0)
			return r;
	}
}

/* The cheapest way that the file systems know. Both fds are where the next byte is, so the last can go on. */
static int copy_content(int from, int to)
{
	ssize_t n;

	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	while ((n = copy_file_range(from, NULL, to, NULL, SSIZE_MAX & ~4095, 0)) > 0)
		;
	if (n == 0 && lseek(from, 0, SEEK_CUR) > 0)
		return 0;
	return copy_by_hand(from, to); /* some say 0 for files that they can't copy */
}

static const char *first_name(struct copying *c, const struct stat *st, const struct closure_entry *entry)
{
	if (st->st_nlink < 2)
		return NULL;
	for (size_t i = 0; i < c->known_count; i++)
		if (c->known[i].device == st->st_dev && c->known[i].inode == st->st_ino)
			return c->known[i].path;
	c->known = xgrow(c->known, c->known_count, &c->known_cap, sizeof *c->known);
	c->known[c->known_count++] = (struct known){st->st_dev, st->st_ino, below_target(entry)};
	return NULL;
}

static int set_times(int fd, const struct timespec *changed)
{
	const struct timespec times[2] = {*changed, *changed};

	return futimens(fd, times) < 0 ? -errno : 0;
}

static int create(struct copying *c, const struct closure_entry *entry, struct err *e)
{
	int fd = openat(c->target, below_target(entry), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_errno(e, errno, "create the copy of '%s'", entry->path) : fd;
}

static int finish(int to, const struct closure_entry *entry, const struct timespec *changed, struct err *e)
{
	int r = fchmod(to, entry->mode & 0777) < 0 ? -errno : set_times(to, changed);

	return r < 0 ? err_errno(e, -r, "copy '%s'", entry->path) : 0;
}

static int write_made(struct copying *c, const struct closure_entry *entry, struct err *e)
{
	autoclose int to = create(c, entry, e);
	int r = to < 0 ? to : fd_write(to, entry->content, entry->bytes);

	if (to < 0)
		return to;
	c->done.bytes += entry->bytes;
	return r < 0 ? err_errno(e, -r, "write '%s'", entry->path) : finish(to, entry, &(struct timespec){0}, e);
}

static int copy_file(struct copying *c, const struct closure_entry *entry, struct err *e)
{
	autoclose int from = -1, to = -1;
	const char *other;
	struct stat st;
	int r;

	if (entry->content)
		return write_made(c, entry, e);
	from = root_open_plain(c->root, entry->path, O_RDONLY);
	if (from < 0 || fstat(from, &st) < 0)
		return err_errno(e, errno, "open '%s'", entry->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "'%s' was a file, and is none now", entry->path);
	other = first_name(c, &st, entry);
	if (other) {
		c->done.linked++;
		return linkat(c->target, other, c->target, below_target(entry), 0) < 0
			       ? err_errno(e, errno, "link the copy of '%s'", entry->path)
			       : 0;
	}
	to = create(c, entry, e);
	if (to < 0)
		return to;
	r = copy_content(from, to);
	c->done.bytes += (uint64_t)st.st_size;
	return r < 0 ? err_errno(e, -r, "copy '%s'", entry->path) : finish(to, entry, &st.st_mtim, e);
}

static int copy_link(struct copying *c, const struct closure_entry *entry, struct err *e)
{
	struct timespec times[2];
	struct stat st;

	if (symlinkat(entry->link, c->target, below_target(entry)) < 0)
		return err_errno(e, errno, "copy the link '%s'", entry->path);
	if (root_look(c->root, entry->path, &st) < 0)
		return err_errno(e, errno, "look at the link '%s'", entry->path);
	times[0] = times[1] = st.st_mtim;
	return utimensat(c->target, below_target(entry), times, AT_SYMLINK_NOFOLLOW) < 0
		       ? err_errno(e, errno, "copy the link '%s'", entry->path)
		       : 0;
}

static int copy_one(struct copying *c, const struct closure_entry *entry, struct err *e)
{
	if (entry->type == ENTRY_FILE)
		return copy_file(c, entry, e);
	if (entry->type == ENTRY_LINK)
		return copy_link(c, entry, e);
	return mkdirat(c->target, below_target(entry), 0700) < 0
		       ? err_errno(e, errno, "make the copy of the folder '%s'", entry->path)
		       : 0;
}

/* Only when all is in it: what comes into a folder changes its time, and one without the right to write takes nothing.
 */
static int finish_folder(struct copying *c, const struct closure_entry *entry, struct err *e)
{
	autoclose int to = openat(c->target, below_target(entry), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = {0};
	int r;

	if (to < 0 || (!entry->made && root_look(c->root, entry->path, &st) < 0))
		return err_errno(e, errno, "copy the folder '%s'", entry->path);
	r = fchmod(to, entry->mode & 01777) < 0 ? -errno : set_times(to, &st.st_mtim);
	return r < 0 ? err_errno(e, -r, "copy the folder '%s'", entry->path) : 0;
}

static int check_empty(int target, struct err *e)
{
	autolist DIR *list = fd_list(target);
	struct dirent *one;

	if (!list)
		return err_errno(e, errno, "list the folder for the copies");
	while ((one = readdir(list)))
		if (!str_eq(one->d_name, ".") && !str_eq(one->d_name, ".."))
			return err_set(e, ENOTEMPTY, "the folder for the copies is not empty: there is '%s'",
				       one->d_name);
	return 0;
}

int pack_copy(const struct closure *closure, const char *root, int target, struct pack_copied *ret, struct err *e)
{
	autoclose int from = root_fd(root, e);
	struct copying c = {.closure = closure, .root = from, .target = target};
	int r = from < 0 ? from : check_empty(target, e);

	for (size_t i = 0; r == 0 && i < closure->count; i++)
		r = copy_one(&c, closure->entry[i], e);
	for (size_t i = closure->count; r == 0 && i > 0; i--)
		if (closure->entry[i - 1]->type == ENTRY_FOLDER)
			r = finish_folder(&c, closure->entry[i - 1], e);
	if (r == 0)
		r = fchmod(target, 0755) < 0 || set_times(target, &(struct timespec){0}) < 0
			    ? err_errno(e, errno, "finish the folder for the copies")
			    : 0;
	free(c.known);
	*ret = c.done;
	return r;
}
