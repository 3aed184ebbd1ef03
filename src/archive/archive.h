/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* archive: a layer of an image, which is a tar, to a tree and back. Whoever made the archive is an enemy: nothing
 * outside of the tree is read, made or changed, what is written has bounds, and what is not understood is refused.
 *
 *     stdin --> filters --> sha256 --> tar --> headers --> names --> unpack --> tree --> the working directory
 *               gzip, zstd  diff id    (lib-   a second    no "..",  what each  links lead
 *               xz, bzip2              archive) look       whiteouts entry is   no way out
 *              '----- input.c, reader.c ------' headers.c  names.c   unpack.c   tree.c, folders.c, resolve.c
 *
 *     the working directory --> walk, sort, read --> headers of pax --> stdout
 *                               no link followed     the same bytes for the same tree
 *                              '----- pack.c -----' '-- writer.c ---'
 *
 * The program that has these two, sbx-archive, is started in a sandbox with no network, and with that directory as the
 * only one that it can write. It has no need of that: each wall holds alone.
 *
 * What a layer means is the OCI image specification's: a later entry takes the place of an earlier one of its name; a
 * name below a link is where the link leads to, with the tree as the root; ".wh.NAME" says that NAME of a lower layer
 * is gone. The latter are left as the empty files that they are, for the caller to translate. Files are those of
 * whoever runs it, who may always read, write and remove them: folders get u+rwx, files u+rw; owners, setuid and
 * setgid, xattrs, ACLs and file flags are dropped; devices and fifos are left out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"

enum { ARCHIVE_DEPTH = 128, ARCHIVE_ENTRIES = 1000000 };
#define ARCHIVE_BYTES (UINT64_C(16) << 30)

struct unpack_limits {
	uint64_t bytes;   /* of content, as it is written: holes are none; no file is longer than this, holes and all */
	uint64_t entries; /* of the archive, and folders that are made without one */
	uint64_t depth;   /* of folders, those that links lead to included */
};

struct unpacked {
	char diff_id[SHA256_TEXT]; /* of the whole uncompressed stream */
	uint64_t bytes, entries;
	uint64_t device, fifo, other; /* entries that were skipped */
	uint64_t setuid;              /* entries that have lost setuid or setgid */
	uint64_t xattr;               /* xattrs, and lists of access control */
};

/* Unpacks what is read from `in` into the empty folder `root`. What an archive that is refused has left there is for
 * the caller to remove. */
int archive_unpack(int in, int root, const struct unpack_limits *limits, struct unpacked *ret, struct err *e)
	__attribute__((nonnull));

struct pack_rules {
	bool clamp;     /* no time is later than `latest`, in seconds: SOURCE_DATE_EPOCH */
	int64_t latest; /* not negative */
	bool cross;     /* what is mounted in the tree is packed too; else it is an empty folder */
};

/* Packs what is in `root`, without an entry for `root` itself. By the order of the bytes of the paths; owners are 0,
 * times whole seconds; setuid, setgid and xattrs are left out, as are sockets, fifos and devices. What overlayfs means
 * by a device 0:0 and by an opaque folder becomes a whiteout. Nothing may change the tree meanwhile. */
int archive_pack(int root, int out, const struct pack_rules *rules, struct err *e) __attribute__((nonnull));
