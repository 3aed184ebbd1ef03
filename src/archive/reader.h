/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader: a compressed tar as a row of entries. The only user of libarchive. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "base/sha256.h"

enum tar_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_SYMLINK, ENTRY_HARDLINK, ENTRY_DEVICE, ENTRY_FIFO, ENTRY_OTHER };

/* Texts are bytes, as the archive has them; they are gone with the next entry. */
struct tar_entry {
	enum tar_kind kind;
	const char *path, *link; /* link: "" if it is none */
	mode_t mode;             /* the lower twelve bits */
	struct timespec mtime;
	uint64_t size;    /* with holes */
	uint64_t content; /* without */
	uint64_t xattr;   /* that the entry has; access control is another one */
};

/* A piece of the content; what is between pieces is a hole. */
struct piece {
	const void *bytes;
	size_t size;
	uint64_t at;
};

struct reader;

/* Reads from `fd`: a tar, plain or in gzip, zstd, xz or bzip2. Fails once it has uncompressed more than `max` bytes. */
int reader_open(int fd, uint64_t max, struct reader **ret, struct err *e) __attribute__((nonnull));
/* 1: there is an entry; 0: there is none any more. */
int reader_next(struct reader *reader, struct tar_entry *ret, struct err *e) __attribute__((nonnull));
/* 1: there is a piece; 0: there is none any more. All must be read before the next entry. */
int reader_data(struct reader *reader, struct piece *ret, struct err *e) __attribute__((nonnull));
/* After the last entry: reads all that follows it. The digest is of what was uncompressed. */
int reader_finish(struct reader *reader, char ret_digest[SHA256_TEXT], struct err *e) __attribute__((nonnull));
void reader_done(struct reader **reader);
#define autoreader __attribute__((cleanup(reader_done)))
