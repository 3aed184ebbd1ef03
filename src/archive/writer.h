/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* writer: a tar in the format of pax (POSIX.1-2001), by our own hand: the same bytes for the same entries, whatever
 * library is there. Owners are 0, without names; a record of pax is written only for what its field of ustar can't
 * hold. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum writer_type { WRITER_FILE = '0', WRITER_HARDLINK = '1', WRITER_SYMLINK = '2', WRITER_FOLDER = '5' };

struct writer {
	int fd; /* borrowed */
	size_t used;
	uint64_t due; /* bytes of content that the entry still has to get, and those that fill its last block */
	size_t fill;
	char buffer[1 << 16];
};

struct writer_entry {
	enum writer_type type;
	const char *path; /* of a folder too, without a slash at its end */
	const char *link; /* NULL: none */
	mode_t mode;
	uint64_t size; /* of content, which follows by writer_content */
	int64_t mtime; /* in seconds */
};

/* Each returns 0 or negative errno. */
int writer_entry(struct writer *writer, const struct writer_entry *entry) __attribute__((nonnull));
/* All of it together has the size that the entry says. */
int writer_content(struct writer *writer, const void *bytes, size_t size) __attribute__((nonnull));
int writer_finish(struct writer *writer) __attribute__((nonnull));
