/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* First the tree is listed, folder by folder, then sorted, then read: so the order is that of whole paths, and a hard
 * link is always behind the name that it is a link to. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/names.h"
#include "archive/resolve.h"
#include "archive/writer.h"
#include "base/fd.h"
#include "base/mem.h"

enum { PACKED_BITS = 01777, WHITEOUT_MODE = 0644, BUFFER = 1 << 16 };

struct found {
	char *path;             /* owned */
	const struct found *as; /* the name that it is a hard link to; NULL: none */
	enum writer_type type;
	mode_t mode;
	dev_t dev;
	ino_t ino;
	uint64_t size;
	int64_t mtime;
	bool linked; /* it has other names */
	bool made;   /* a whiteout: there is no such file */
};

struct packing {
	int root;
	dev_t dev; /* of the root */
	const struct pack_rules *rules;
	struct found *found;
	size_t count, cap;
	struct writer writer;
};

static int fail(struct err *e, int code, const char *path, const char *what)
{
	autofree char *text = names_readable(path);

	return err_errno(e, code, "%s: %s", text, what);
}

static struct found *add(struct packing *p, char *owned, const struct stat *st)
{
	struct found *found;
	int64_t mtime = st->st_mtim.tv_sec;

	if (p->rules->clamp && mtime > p->rules->latest)
		mtime = p->rules->latest;
	p->found = xgrow(p->found, p->count, &p->cap, sizeof *p->found);
	found = &p->found[p->count++];
	*found = (struct found){.path = owned, .dev = st->st_dev, .ino = st->st_ino, .mtime = mtime};
	found->mode = st->st_mode & PACKED_BITS;
	return found;
}

static void add_whiteout(struct packing *p, char *owned, const struct stat *st)
{
	struct found *found = add(p, owned, st);

	found->type = WRITER_FILE;
	found->mode = WHITEOUT_MODE;
	found->made = true;
}

/* What overlayfs means by it: nothing of the layers below is seen in this folder. */
static bool is_opaque(int folder)
{
	char value;

	return (fgetxattr(folder, "user.overlay.opaque", &value, 1) == 1 && value == 'y') ||
	       (fgetxattr(folder, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y');
}

/* One name of a folder, which is `above`. */
static int add_name(struct packing *p, int folder, const char *above, const char *name, struct err *e)
{
	const char *slash = *above ? "/" : "";
	autofree char *path = xasprintf("%s%s%s", above, slash, name);
	struct found *found;
	struct stat st;

	if (strlen(path) > NAMES_PATH)
		return fail(e, ENAMETOOLONG, path, "can't be packed");
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return fail(e, errno, path, "can't be looked at");
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0)) {
		add_whiteout(p, xasprintf("%s%s" WHITEOUT "%s", above, slash, name), &st);
		return 0;
	}
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
		return 0;
	found = add(p, take(path), &st);
	found->type = S_ISREG(st.st_mode) ? WRITER_FILE : S_ISDIR(st.st_mode) ? WRITER_FOLDER : WRITER_SYMLINK;
	found->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	found->linked = S_ISREG(st.st_mode) && st.st_nlink > 1;
	if (S_ISLNK(st.st_mode))
		found->mode = 0777; /* which no file system keeps */
	return 0;
}

static int list_folder(struct packing *p, const char *above, struct err *e)
{
	autoclose int folder = resolve_plain(p->root, above, O_RDONLY | O_DIRECTORY);
	autolist DIR *list = NULL;
	const struct dirent *entry;
	struct stat st;
	int r = 0;

	if (folder < 0 || fstat(folder, &st) < 0 || !(list = fd_list(folder)))
		return fail(e, folder < 0 ? -folder : errno, above, "the folder can't be read");
	if (st.st_dev != p->dev && !p->rules->cross) /* another file system is mounted there */
		return 0;
	if (is_opaque(folder))
		add_whiteout(p, xasprintf("%s%s" WHITEOUT_OPAQUE_NAME, above, *above ? "/" : ""), &st);
	errno = 0;
	while (r == 0 && (entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = add_name(p, folder, above, entry->d_name, e);
		errno = 0;
	}
	return r == 0 && errno ? fail(e, errno, above, "the folder can't be read") : r;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->path, ((const struct found *)b)->path);
}

static int by_inode(const void *a, const void *b)
{
	const struct found *x = *(struct found *const *)a, *y = *(struct found *const *)b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* The first name of a file has the content, the others are links to it. */
static void find_links(struct packing *p)
{
	autofree struct found **linked = xcalloc(p->count + 1, sizeof *linked);
	struct found *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->found[i].linked)
			linked[count++] = &p->found[i];
	qsort(linked, count, sizeof *linked, by_inode);
	for (size_t i = 0; i < count; i++) {
		if (first && first->dev == linked[i]->dev && first->ino == linked[i]->ino) {
			linked[i]->as = first;
			linked[i]->type = WRITER_HARDLINK;
			linked[i]->size = 0;
		} else {
			first = linked[i];
		}
	}
}

static int list_tree(struct packing *p, struct err *e)
{
	struct stat st;
	int r;

	if (fstat(p->root, &st) < 0)
		return err_errno(e, errno, "the working directory can't be looked at");
	p->dev = st.st_dev;
	r = list_folder(p, "", e);
	/* Those that are found are at the end, and their turn comes. */
	for (size_t i = 0; r == 0 && i < p->count; i++)
		if (p->found[i].type == WRITER_FOLDER) {
			autofree char *path = xstrdup(p->found[i].path);

			r = list_folder(p, path, e);
		}
	if (r < 0)
		return r;
	if (p->count)
		qsort(p->found, p->count, sizeof *p->found, by_path);
	for (size_t i = 1; i < p->count; i++)
		if (by_path(&p->found[i - 1], &p->found[i]) == 0)
			return fail(e, EEXIST, p->found[i].path, "a whiteout, and a file of its name");
	find_links(p);
	return 0;
}

static int pack_content(struct packing *p, const struct found *found, struct err *e)
{
	autoclose int fd = resolve_plain(p->root, found->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	char buffer[BUFFER];
	uint64_t left = found->size;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(e, fd < 0 ? -fd : errno, found->path, "the file can't be opened");
	if (st.st_ino != found->ino || st.st_dev != found->dev || (uint64_t)st.st_size != found->size)
		return fail(e, ESTALE, found->path, "the file is changed meanwhile");
	while (left) {
		ssize_t n = read(fd, buffer, left < sizeof buffer ? (size_t)left : sizeof buffer);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(e, n < 0 ? errno : ESTALE, found->path, "the file can't be read");
		r = writer_content(&p->writer, buffer, (size_t)n);
		if (r < 0)
			return err_errno(e, -r, "write the archive");
		left -= (uint64_t)n;
	}
	return 0;
}

static int read_link(const struct packing *p, const struct found *found, char *ret, struct err *e)
{
	autoclose int fd = resolve_plain(p->root, found->path, O_PATH);
	ssize_t n = fd < 0 ? fd : readlinkat(fd, "", ret, NAMES_PATH + 1);

	if (n < 0 || n > NAMES_PATH)
		return fail(e, fd < 0 ? -fd : n < 0 ? errno : ENAMETOOLONG, found->path, "the link can't be read");
	ret[n] = '\0';
	return 0;
}

static int pack_one(struct packing *p, const struct found *found, struct err *e)
{
	char text[NAMES_PATH + 2];
	struct writer_entry entry = {.type = found->type,
				     .path = found->path,
				     .mode = found->mode,
				     .size = found->size,
				     .mtime = found->mtime};
	int r = 0;

	if (found->as)
		entry.link = found->as->path;
	if (found->type == WRITER_SYMLINK) {
		r = read_link(p, found, text, e);
		entry.link = text;
	}
	if (r < 0)
		return r;
	r = writer_entry(&p->writer, &entry);
	if (r < 0)
		return fail(e, -r, found->path, "write the archive");
	return found->size ? pack_content(p, found, e) : 0;
}

int archive_pack(int root, int out, const struct pack_rules *rules, struct err *e)
{
	autofree struct packing *p = xcalloc(1, sizeof *p);
	int r;

	p->root = root;
	p->rules = rules;
	p->writer.fd = out;
	r = list_tree(p, e);
	for (size_t i = 0; r == 0 && i < p->count; i++)
		r = pack_one(p, &p->found[i], e);
	if (r == 0) {
		r = writer_finish(&p->writer);
		if (r < 0)
			(void)err_errno(e, -r, "write the archive");
	}
	for (size_t i = 0; i < p->count; i++)
		free(p->found[i].path);
	free(p->found);
	return r;
}
