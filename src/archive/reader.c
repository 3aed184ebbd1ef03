/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two archives of libarchive: the outer one is "raw", which is whatever the filters have uncompressed; the inner one is
 * the tar that it holds. Between them is every byte of the tar: hashed, counted, and kept until the headers of an entry
 * have been looked at a second time.
 *
 * The locale stays "C": there, names of pax that are not ASCII can't be converted, and libarchive leaves their bytes as
 * they are, with a warning. In one of UTF-8 it would rewrite some of them. */
#include "archive/reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/headers.h"
#include "archive/input.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/str.h"

enum { BUFFER = 1 << 17, MODE_BITS = 07777 };

struct reader {
	struct input *input;
	struct archive *outer, *inner;
	struct sha256 *hash; /* of the uncompressed stream, until it is read to its end */
	uint64_t taken;      /* bytes of the input */
	uint64_t given, max; /* bytes uncompressed */
	struct str kept;     /* the last of these: from `kept_at` to `given` */
	uint64_t kept_at, headers_at;
	bool in_headers;
	struct err error; /* of what the archives ask for more */
	char buffer[BUFFER];
};

/* What libarchive says: lower case at its start, as ours, and nothing that a name in an archive could put there. */
static int fail(struct reader *reader, struct archive *archive, struct err *e)
{
	const char *why = archive_error_string(archive);
	autostr struct str text = {0};

	if (reader->error.code) {
		*e = reader->error;
		return -e->code;
	}
	str_add_escaped(&text, why ? why : "it is damaged", false);
	if (text.s[0] >= 'A' && text.s[0] <= 'Z' && !(text.s[1] >= 'A' && text.s[1] <= 'Z'))
		text.s[0] = (char)(text.s[0] | 0x20);
	while (text.len && text.s[text.len - 1] == '.')
		text.s[--text.len] = '\0';
	return err_set(e, EBADMSG, "the archive can't be read: %.300s", text.s);
}

static la_ssize_t take_input(struct archive *archive, void *arg, const void **ret)
{
	struct reader *reader = arg;
	struct err e = {0};
	ssize_t n = input_read(reader->input, reader->buffer, sizeof reader->buffer, &e);

	if (n < 0) {
		reader->error = e;
		archive_set_error(archive, e.code, "%s", e.text);
		return -1;
	}
	reader->taken += (uint64_t)n;
	*ret = reader->buffer;
	return n;
}

static uint64_t position(const struct reader *reader)
{
	return (uint64_t)archive_filter_bytes(reader->inner, 0);
}

/* What the inner one has read, and what of it are not the headers that it reads now, is not needed any more. */
static void keep(struct reader *reader, const void *bytes, size_t size)
{
	uint64_t from = reader->in_headers ? reader->headers_at : position(reader);
	size_t drop = (size_t)(from - reader->kept_at);

	if (drop > reader->kept.len)
		drop = reader->kept.len;
	if (drop)
		memmove(reader->kept.s, reader->kept.s + drop, reader->kept.len - drop);
	reader->kept.len -= drop;
	reader->kept_at += drop;
	str_add_bytes(&reader->kept, bytes, size);
}

/* The next bytes of the tar. 1, 0 at the end, or negative errno. */
static int uncompress(struct reader *reader, const void **ret, size_t *ret_size, struct err *e)
{
	la_int64_t at = 0;
	int r;

	do {
		*ret_size = 0;
		r = archive_read_data_block(reader->outer, ret, ret_size, &at);
	} while (r == ARCHIVE_OK && !*ret_size);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return fail(reader, reader->outer, e);
	reader->given += *ret_size;
	if (reader->given > reader->max)
		return err_set(e, EFBIG, "the archive is larger than it may be: %" PRIu64 " bytes", reader->max);
	sha256_add(reader->hash, *ret, *ret_size);
	return 1;
}

static la_ssize_t give_tar(struct archive *archive, void *arg, const void **ret)
{
	struct reader *reader = arg;
	struct err e = {0};
	size_t size;
	int r = uncompress(reader, ret, &size, &e);

	if (r < 0) {
		reader->error = e;
		archive_set_error(archive, e.code, "%s", e.text);
		return -1;
	}
	if (r == 0)
		return 0;
	keep(reader, *ret, size);
	return (la_ssize_t)size;
}

static int open_outer(struct reader *reader, struct err *e)
{
	struct archive *outer = reader->outer;
	struct archive_entry *entry;
	int r;

	/* Without the library of a filter, libarchive would start a program for it, and warns. */
	if (archive_read_support_filter_gzip(outer) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(outer) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(outer) != ARCHIVE_OK ||
	    archive_read_support_filter_bzip2(outer) != ARCHIVE_OK ||
	    archive_read_support_format_raw(outer) != ARCHIVE_OK ||
	    archive_read_support_format_empty(outer) != ARCHIVE_OK ||
	    archive_read_open(outer, reader, NULL, take_input, NULL) != ARCHIVE_OK)
		return fail(reader, outer, e);
	/* One of them is no filter. That of gzip is only there to be found here. */
	if (archive_filter_count(outer) - 1 + input_is_gzip(reader->input) > 1)
		return err_set(e, EINVAL, "the archive is compressed more than once");
	r = archive_read_next_header(outer, &entry);
	if (r == ARCHIVE_EOF)
		return err_set(e, EINVAL, "the archive is empty: it has not even an end");
	return r == ARCHIVE_OK ? 0 : fail(reader, outer, e);
}

static int open_inner(struct reader *reader, struct err *e)
{
	if (archive_read_support_format_tar(reader->inner) != ARCHIVE_OK ||
	    archive_read_open(reader->inner, reader, NULL, give_tar, NULL) != ARCHIVE_OK)
		return fail(reader, reader->inner, e);
	return 0;
}

int reader_open(int fd, uint64_t max, struct reader **ret, struct err *e)
{
	autoreader struct reader *reader = xcalloc(1, sizeof *reader);
	int r;

	reader->max = max;
	reader->outer = archive_read_new();
	reader->inner = archive_read_new();
	if (!reader->outer || !reader->inner)
		return err_set(e, ENOMEM, "no memory for libarchive");
	reader->hash = sha256_begin();
	r = input_open(fd, &reader->input, e);
	if (r == 0)
		r = open_outer(reader, e);
	if (r == 0)
		r = open_inner(reader, e);
	if (r < 0)
		return r;
	*ret = take(reader);
	return 0;
}

void reader_done(struct reader **ptr)
{
	struct reader *reader = *ptr;

	if (!reader)
		return;
	(void)archive_read_free(reader->inner);
	(void)archive_read_free(reader->outer);
	input_done(&reader->input);
	str_done(&reader->kept);
	if (reader->hash) {
		char unused[SHA256_TEXT];

		sha256_end(reader->hash, unused);
	}
	free(reader);
	*ptr = NULL;
}

static enum tar_kind kind_of(struct archive_entry *entry, char type)
{
	if (type && !strchr("01234567SD", type))
		return ENTRY_OTHER; /* libarchive takes it for a file */
	if (archive_entry_hardlink(entry))
		return ENTRY_HARDLINK;
	switch (archive_entry_filetype(entry)) {
	case S_IFREG:
		return ENTRY_FILE;
	case S_IFDIR:
		return ENTRY_FOLDER;
	case S_IFLNK:
		return ENTRY_SYMLINK;
	case S_IFCHR:
	case S_IFBLK:
		return ENTRY_DEVICE;
	case S_IFIFO:
		return ENTRY_FIFO;
	default:
		return ENTRY_OTHER;
	}
}

/* Of a sparse file, as its map says: libarchive does not mind if less is there. */
static uint64_t content_of(struct archive_entry *entry, uint64_t size)
{
	la_int64_t at, len;
	uint64_t sum = 0;

	if (archive_entry_sparse_reset(entry) == 0)
		return size;
	while (archive_entry_sparse_next(entry, &at, &len) == ARCHIVE_OK)
		sum += (uint64_t)len; /* each is positive, and they lie side by side below 2^63 */
	return sum;
}

static int fill(struct archive_entry *entry, char type, struct tar_entry *ret, struct err *e)
{
	const char *path = archive_entry_pathname(entry), *link;
	int64_t size = archive_entry_size(entry);

	*ret = (struct tar_entry){.kind = kind_of(entry, type), .path = path ? path : ""};
	link = ret->kind == ENTRY_HARDLINK ? archive_entry_hardlink(entry) : archive_entry_symlink(entry);
	if (ret->kind == ENTRY_HARDLINK && type != '1')
		return err_set(e, EINVAL, "headers that contradict each other: the target of a link, and no link");
	if (size < 0)
		return err_set(e, EINVAL, "a negative size");
	ret->link = link ? link : "";
	ret->mode = archive_entry_mode(entry) & MODE_BITS;
	ret->mtime.tv_sec = archive_entry_mtime(entry);
	ret->mtime.tv_nsec = archive_entry_mtime_nsec(entry);
	ret->size = (uint64_t)size;
	ret->content = content_of(entry, ret->size);
	ret->xattr = (uint64_t)archive_entry_xattr_count(entry) + (archive_entry_acl_types(entry) != 0);
	return 0;
}

/* The raw bytes of what was read by the last call of archive_read_next_header. */
static const char *headers(const struct reader *reader, size_t *ret_size)
{
	uint64_t from = (uint64_t)archive_read_header_position(reader->inner), to = position(reader);

	if (from < reader->kept_at || to < from || to > reader->kept_at + reader->kept.len) {
		*ret_size = 0;
		return "";
	}
	*ret_size = (size_t)(to - from);
	return *ret_size ? reader->kept.s + (from - reader->kept_at) : "";
}

/* The one warning that loses nothing: see above. Those of pax records can't hide behind it: headers_check saw them. */
static bool is_harmless(struct archive *archive)
{
	const char *why = archive_error_string(archive);

	return why && strstr(why, "can't be converted from ");
}

int reader_next(struct reader *reader, struct tar_entry *ret, struct err *e)
{
	struct archive_entry *entry = NULL;
	const char *bytes;
	size_t size;
	char type = 0;
	int r, checked;

	reader->headers_at = position(reader);
	reader->in_headers = true;
	r = archive_read_next_header(reader->inner, &entry);
	reader->in_headers = false;
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return fail(reader, reader->inner, e);
	bytes = headers(reader, &size);
	checked = headers_check(bytes, size, &type, e);
	if (checked < 0)
		return checked;
	if (r == ARCHIVE_WARN && !is_harmless(reader->inner))
		return fail(reader, reader->inner, e);
	checked = fill(entry, type, ret, e);
	return checked < 0 ? checked : 1;
}

int reader_data(struct reader *reader, struct piece *ret, struct err *e)
{
	la_int64_t at = 0;
	int r;

	*ret = (struct piece){0};
	r = archive_read_data_block(reader->inner, &ret->bytes, &ret->size, &at);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return fail(reader, reader->inner, e);
	if (at < 0)
		return err_set(e, EINVAL, "a piece of a file before its start");
	ret->at = (uint64_t)at;
	return 1;
}

/* The filters of libarchive stop at the end of what is compressed, and say nothing of what follows. */
static int check_input(struct reader *reader, struct err *e)
{
	uint64_t used = (uint64_t)archive_filter_bytes(reader->outer, -1);
	const void *bytes;

	if (used == reader->taken && take_input(reader->outer, reader, &bytes) < 0)
		return fail(reader, reader->outer, e);
	return used == reader->taken ? 0 : err_set(e, EINVAL, "something follows the compressed archive");
}

int reader_finish(struct reader *reader, char ret_digest[SHA256_TEXT], struct err *e)
{
	uint64_t end = position(reader);
	const void *bytes;
	size_t size;
	int r;

	bytes = headers(reader, &size);
	r = headers_check_end(bytes, size, reader->given > end, e);
	while (r == 0) {
		size_t more;

		r = uncompress(reader, &bytes, &more, e);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		r = size < (size_t)2 * HEADERS_BLOCK ? err_set(e, EINVAL, "one block of zeros amid the archive") : 0;
	}
	if (r == 0)
		r = check_input(reader, e);
	if (r == 0)
		sha256_end(take(reader->hash), ret_digest);
	return r;
}
