/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/names.h"
#include "archive/reader.h"
#include "archive/tree.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

enum { SPECIAL = 06000, KEPT_BITS = 01777, FOLDER_BITS = 0700, FILE_BITS = 0600 };

/* Headers, long names and what follows the end are not content; of these, so much is read. */
enum { STREAM_MORE = 64 << 20, STREAM_ENTRY = 8 << 10 };

struct unpacking {
	const struct unpack_limits *limits;
	struct reader *reader;
	struct tree tree;
	struct unpacked *done;
};

static uint64_t stream_max(const struct unpack_limits *limits)
{
	uint64_t max = STREAM_MORE;

	if (__builtin_add_overflow(max, limits->bytes, &max) || limits->entries > UINT32_MAX ||
	    __builtin_add_overflow(max, limits->entries * STREAM_ENTRY, &max))
		return UINT64_MAX;
	return max;
}

static int refuse(struct err *e, const char *path, const char *why)
{
	autofree char *text = names_readable(path);

	return err_set(e, EINVAL, "%s: %s", text, why);
}

static int too_large(const struct unpacking *u, struct err *e)
{
	return err_set(e, EFBIG, "the files have more than %" PRIu64 " bytes", u->limits->bytes);
}

static int write_piece(struct unpacking *u, int fd, const struct piece *piece, struct err *e)
{
	int r;

	u->done->bytes += piece->size;
	if (u->done->bytes > u->limits->bytes)
		return too_large(u, e);
	if (lseek(fd, (off_t)piece->at, SEEK_SET) < 0)
		return err_errno(e, errno, "a place in a file");
	r = fd_write(fd, piece->bytes, piece->size);
	return r < 0 ? err_errno(e, -r, "write") : 0;
}

/* The content of an entry, into `fd`, or if that is -1 to nowhere. What lies behind the end is no content. */
static int read_content(struct unpacking *u, const struct tar_entry *entry, int fd, struct err *e)
{
	struct piece piece;
	uint64_t content = 0;
	int r;

	while ((r = reader_data(u->reader, &piece, e)) == 1) {
		if (!piece.size || fd < 0)
			continue;
		if (piece.at > entry->size || piece.size > entry->size - piece.at)
			return err_set(e, EINVAL, "content behind the end of the file");
		r = write_piece(u, fd, &piece, e);
		if (r < 0)
			return r;
		content += piece.size;
	}
	if (r == 0 && fd >= 0 && content != entry->content)
		return err_set(e, EINVAL, "the archive has not as much of the file as it says");
	return r;
}

static int make_file(struct unpacking *u, const char *path, const struct tar_entry *entry, struct err *e)
{
	const struct tree_attributes attributes = {(entry->mode & KEPT_BITS) | FILE_BITS, entry->mtime};
	autofree char *text = names_readable(path);
	autoclose int fd = -1;
	int r;

	if (entry->size > u->limits->bytes)
		return too_large(u, e);
	fd = tree_make_file(&u->tree, path, e);
	if (fd < 0)
		return fd;
	r = read_content(u, entry, fd, e);
	if (r == 0)
		r = tree_end_file(fd, entry->size, &attributes, e);
	return r < 0 ? err_prefix(e, "%s", text) : 0;
}

static int make_folder(struct unpacking *u, const char *path, const struct tar_entry *entry, struct err *e)
{
	const struct tree_attributes attributes = {(entry->mode & KEPT_BITS) | FOLDER_BITS, entry->mtime};

	return tree_make_folder(&u->tree, path, &attributes, e);
}

static int make_symlink(struct unpacking *u, const char *path, const struct tar_entry *entry, struct err *e)
{
	if (!*entry->link || strlen(entry->link) > NAMES_PATH)
		return refuse(e, path, *entry->link ? "the text of the link is too long" : "a link to nothing");
	return tree_make_symlink(&u->tree, path, entry->link, &entry->mtime, e);
}

/* Of aufs, a second whiteout is a link to the first one; others have no names beside whiteouts. */
static int check_hardlink(const char *path, const char *target, bool whiteout, struct err *e)
{
	enum whiteout of_target = WHITEOUT_NONE;
	int r = names_whiteout(target, &of_target, e);

	if (r < 0)
		return r;
	if (whiteout != (of_target == WHITEOUT_NAME))
		return refuse(e, path, "a whiteout and a file are linked");
	return 0;
}

static int make_hardlink(struct unpacking *u, const char *path, const struct tar_entry *entry, struct err *e)
{
	autofree char *target = NULL, *text = names_readable(path);
	enum whiteout whiteout = WHITEOUT_NONE;
	int r;

	if (entry->size)
		return refuse(e, path, "a hard link with content");
	r = names_normal(entry->link, u->limits->depth, &target, e);
	if (r == 0)
		r = names_whiteout(path, &whiteout, e);
	if (r == 0)
		r = check_hardlink(path, target, whiteout == WHITEOUT_NAME, e);
	if (r == 0)
		r = tree_make_hardlink(&u->tree, path, target, e);
	return r < 0 ? err_prefix(e, "%s", text) : 0;
}

static int make(struct unpacking *u, const char *path, const struct tar_entry *entry, struct err *e)
{
	switch (entry->kind) {
	case ENTRY_FILE:
		return make_file(u, path, entry, e);
	case ENTRY_FOLDER:
		return make_folder(u, path, entry, e);
	case ENTRY_SYMLINK:
		return make_symlink(u, path, entry, e);
	case ENTRY_HARDLINK:
		return make_hardlink(u, path, entry, e);
	case ENTRY_DEVICE:
		u->done->device++;
		return 0;
	case ENTRY_FIFO:
		u->done->fifo++;
		return 0;
	case ENTRY_OTHER:
		break;
	}
	u->done->other++;
	return 0;
}

/* An empty regular file, or one more name of such a one. */
static int check_whiteout(const char *path, const struct tar_entry *entry, struct err *e)
{
	if (entry->kind != ENTRY_FILE && entry->kind != ENTRY_HARDLINK)
		return refuse(e, path, "a whiteout is a regular file");
	return entry->size ? refuse(e, path, "a whiteout is an empty file") : 0;
}

static int unpack_entry(struct unpacking *u, struct tar_entry *entry, struct err *e)
{
	autofree char *path = NULL;
	enum whiteout whiteout = WHITEOUT_NONE;
	int r = names_normal(entry->path, u->limits->depth, &path, e);

	if (r == 0)
		r = names_whiteout(path, &whiteout, e);
	if (r == 0 && whiteout == WHITEOUT_NAME)
		r = check_whiteout(path, entry, e);
	if (r < 0)
		return r;
	if (whiteout == WHITEOUT_METADATA)
		entry->kind = ENTRY_OTHER;
	if (entry->kind == ENTRY_FILE || entry->kind == ENTRY_FOLDER)
		u->done->setuid += (entry->mode & SPECIAL) != 0;
	if (entry->kind < ENTRY_DEVICE)
		u->done->xattr += entry->xattr;
	r = make(u, path, entry, e);
	if (r == 0 && entry->kind != ENTRY_FILE)
		r = read_content(u, entry, -1, e);
	return r;
}

static int unpack_all(struct unpacking *u, struct err *e)
{
	struct tar_entry entry;
	int r;

	while ((r = reader_next(u->reader, &entry, e)) == 1) {
		if (u->done->entries++ == u->limits->entries)
			return err_set(e, EFBIG, "the archive has more than %" PRIu64 " entries", u->limits->entries);
		r = unpack_entry(u, &entry, e);
		if (r < 0)
			return r;
	}
	return r;
}

int archive_unpack(int in, int root, const struct unpack_limits *limits, struct unpacked *ret, struct err *e)
{
	autoreader struct reader *reader = NULL;
	struct unpacked done = {0};
	struct unpacking u = {.limits = limits, .done = &done};
	int r = tree_open(root, limits->depth, limits->entries, &u.tree, e);

	if (r < 0)
		return r;
	r = reader_open(in, stream_max(limits), &reader, e);
	u.reader = reader;
	if (r == 0)
		r = unpack_all(&u, e);
	if (r == 0)
		r = reader_finish(reader, done.diff_id, e);
	if (r == 0)
		r = tree_finish(&u.tree, e);
	tree_done(&u.tree);
	if (r == 0)
		*ret = done;
	return r;
}
