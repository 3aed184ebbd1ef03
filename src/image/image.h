/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: a root folder in layers, as the OCI image specification has it, in a store of the caller's own.
 *
 *   sbxctl image import SOURCE                                       sbx --image=REF COMMAND
 *     layout.c   an OCI layout: index.json -> manifest                 image_open: refs -> manifest -> config, layers
 *     archive.c  a docker-archive or a layout in a tar                   │ the folders, each locked (shared) by sbx
 *     folder.c   a root directory                                        v
 *       │ blobs, each checked while it is copied                       plan: IMAGE step -> overlayfs in the sandbox
 *       v
 *     store.c    blobs/sha256/HEX, then layer.c: layers/HEX, then refs/NAME
 *                                        │
 *                                        └─ sbx ... sbx-archive unpack: what a stranger packed is read in a sandbox
 *
 * The store, $XDG_DATA_HOME/sbx/images, of root /var/lib/sbx/images; all of it is the caller's, mode 0700 (root: 0755):
 *
 *   lock                 flock(2): shared by who adds, exclusive by who removes
 *   blobs/sha256/HEX     manifests, configurations, layers, as they came; the name is the digest of the content
 *   layers/HEX/tree      the layer of blob HEX, unpacked; whiteouts are those of overlayfs. Whoever uses it locks
 * layers/HEX layers/HEX/info      what sbx-archive said of it, JSON refs/NAME            digest of a manifest,
 * "sha256:HEX\n"; a '/' of the name is a '%' tmp/                 what is not there yet: renamed when it is complete
 * and on the disk
 *
 * A name appears after all that it names is there: a process may be killed, or the disk be full, at any moment, and
 * what is left is complete or will be removed by the next who has the store for himself. A layer is named by the digest
 * of its blob, which sbxctl has computed itself: a stranger's layer can lie about its content only to those who use
 * that blob. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/str.h"

enum {
	IMAGE_HEX = SHA256_TEXT - 1,  /* digits of a SHA-256 */
	IMAGE_DIGEST = SHA256_DIGEST, /* "sha256:HEX", with NUL */
	IMAGE_JSON_MAX = 4 << 20,     /* bytes of a manifest, an index, a configuration */
	IMAGE_LAYERS_MAX = 128,
	IMAGE_NAME_MAX = 200, /* bytes of NAME:TAG */
};

/* Of a digest that is one. */
static inline const char *digest_hex(const char *digest)
{
	return digest + 7;
}

/* --- manifest.c: what strangers wrote, read; pure --- */
struct descriptor {
	char digest[IMAGE_DIGEST];
	uint64_t size;           /* bytes */
	char *media;             /* owned; type of the content, "" if it does not say */
	char *name;              /* owned; org.opencontainers.image.ref.name; NULL: none */
	char *os, *architecture; /* owned; NULL: it does not say */
};
struct manifest {
	struct descriptor *entry; /* of an index: manifests; else the layers, from the lowest up */
	size_t count, cap;
	struct descriptor config; /* not of an index */
	bool is_index;
};
/* What a container of the image would be started with. */
struct image_config {
	struct strv entrypoint, command, environment;
	struct strv diff_ids;                    /* "sha256:HEX" of each layer's tar, from the lowest up */
	char *user, *folder, *os, *architecture; /* owned; NULL: it does not say */
};
int manifest_read(const struct str *text, struct manifest *ret, struct err *e) __attribute__((nonnull));
void manifest_done(struct manifest *manifest);
int image_config_read(const struct str *text, struct image_config *ret, struct err *e) __attribute__((nonnull));
void image_config_done(struct image_config *config);
/* Can this machine run it? ENOEXEC. (layout.c) */
int image_check_platform(const struct image_config *config, struct err *e) __attribute__((nonnull));
/* "amd64" for "x86_64"; the word itself for what is not known. */
const char *image_architecture(const char *machine) __attribute__((nonnull));

/* --- ref.c: how an image is called; pure --- */
/* NAME, NAME:TAG; "latest" is the tag that is not said, and docker.io/library/, docker.io/ and localhost/ before a name
 * are left out. The full name, owned by the caller; NULL and an error. */
char *ref_full(const char *text, struct err *e) __attribute__((nonnull));
/* Its file name, and back. Owned by the caller. */
char *ref_file(const char *full) __attribute__((nonnull));
char *ref_of_file(const char *file) __attribute__((nonnull));

/* --- store.c --- */
/* Who wants to know how far it is: the file at `fd` is read to its end, until the next call. -1: no more. */
struct image_watch {
	void (*at)(void *arg, const char *what, int fd);
	void *arg;
};
struct image_store {
	int folder;
	int lock;
	char *path;                      /* owned */
	const struct image_watch *watch; /* NULL: nobody; borrowed */
};
#define IMAGE_STORE_NONE                                                                                               \
	{                                                                                                              \
		.folder = -1, .lock = -1                                                                               \
	}
enum store_use {
	STORE_READ,  /* no lock: all that has a name is complete. ENOENT: there is no store */
	STORE_ADD,   /* made if it is missing; what dead ones have left is removed if nobody else adds */
	STORE_REMOVE /* waits until nobody adds */
};
int image_store_open(const char *path, enum store_use use, struct image_store *ret, struct err *e)
	__attribute__((nonnull));
void image_store_close(struct image_store *store);
void store_watched(const struct image_store *store, const char *what, int fd) __attribute__((nonnull));
/* Opens a blob for reading. An fd. */
int store_blob(const struct image_store *store, const char *digest, struct err *e) __attribute__((nonnull));
/* A file of that name and size. */
bool store_has_blob(const struct image_store *store, const struct descriptor *blob) __attribute__((nonnull));
/* The whole of a small blob: a manifest, a configuration. */
int store_text(const struct image_store *store, const char *digest, struct str *ret, struct err *e)
	__attribute__((nonnull));
/* Copies what `from` yields into the store. Of `expected` the size and digest are checked; NULL: whatever it is.
 * `ret_digest` (IMAGE_DIGEST bytes) and `ret_size` say what it was. */
int store_add(const struct image_store *store, int from, const struct descriptor *expected, struct descriptor *ret,
	      struct err *e) __attribute__((nonnull(1, 4, 5)));
int store_add_text(const struct image_store *store, const struct str *text, struct descriptor *ret, struct err *e)
	__attribute__((nonnull));
/* Removes a file or a tree of the store. */
int store_clear(const struct image_store *store, const char *path, struct err *e) __attribute__((nonnull));
/* A new folder in tmp/, whose name is owned by the caller. */
char *store_temporary(const struct image_store *store, struct err *e) __attribute__((nonnull));
/* The manifest that a name, a digest or the first digits (6 or more) of one stand for. ENOENT: none; EINVAL: many. */
int store_find(const struct image_store *store, const char *ref, char ret_digest[IMAGE_DIGEST], struct err *e)
	__attribute__((nonnull));
int store_set_ref(const struct image_store *store, const char *full, const char *digest, struct err *e)
	__attribute__((nonnull));
int store_remove_ref(const struct image_store *store, const char *full, struct err *e) __attribute__((nonnull));
/* The full names, sorted. */
int store_refs(const struct image_store *store, struct strv *ret, struct err *e) __attribute__((nonnull));
int store_ref_digest(const struct image_store *store, const char *full, char ret_digest[IMAGE_DIGEST], struct err *e)
	__attribute__((nonnull));
/* collect.c: removes what no name leads to, and nobody runs. Of a store opened to remove. `used`: digests of images
 * that are kept without a name. */
struct collected {
	uint64_t blobs, layers, bytes, busy, used; /* used: images without a name that were kept */
};
int store_collect(const struct image_store *store, const struct strv *used, struct collected *ret, struct err *e)
	__attribute__((nonnull));

/* --- digest.c --- */
/* Reads `from` to its end, writes to `to` (-1: nowhere). No more than `most` bytes: EFBIG. */
int digest_copy(int from, int to, uint64_t most, struct descriptor *ret, struct err *e) __attribute__((nonnull));

/* --- layer.c --- */
/* How sbx is started to read what strangers packed. */
struct image_tools {
	const char *sbx, *archive; /* paths of sbx and of sbx-archive */
	bool root;                 /* the caller is */
};
/* Unpacks the layer of a blob that is in the store, unless it is there already. Its tar must have the digest `diff_id`
 * (NULL: whatever it has, for ret_diff_id, which may be NULL). */
int layer_unpack(const struct image_store *store, const struct image_tools *tools, const struct descriptor *blob,
		 const char *diff_id, char *ret_diff_id, struct err *e) __attribute__((nonnull(1, 2, 3, 6)));
/* Is the layer of a blob unpacked, from a tar of the digest `diff_id`? */
int layer_check(const struct image_store *store, const char *digest, const char *diff_id, struct err *e)
	__attribute__((nonnull));
/* Unpacks whatever tar `from` yields below `folder`, in a sandbox. `ret`: what sbx-archive said. */
int helper_unpack(const struct image_tools *tools, int from, int folder, struct json **ret, struct err *e)
	__attribute__((nonnull));
/* The tree at `folder` as a tar, to `to`. */
int helper_pack(const struct image_tools *tools, int folder, int to, struct err *e) __attribute__((nonnull));
/* whiteout.c: .wh.NAME becomes what overlayfs understands. `folder`: the top of an unpacked layer. */
int whiteouts_translate(int folder, struct err *e) __attribute__((nonnull));
/* Is nothing seen of the layers below this one? */
bool layer_hides_lower(const struct image_store *store, const char *digest) __attribute__((nonnull));

/* --- import: each adds an image to a store that is open to add; `digest` of its manifest --- */
int import_layout(const struct image_store *store, const struct image_tools *tools, int layout, const char *tag,
		  char ret_digest[IMAGE_DIGEST], struct err *e) __attribute__((nonnull(1, 2, 5, 6)));
int import_archive(const struct image_store *store, const struct image_tools *tools, int file, struct strv *ret_names,
		   char ret_digest[IMAGE_DIGEST], struct err *e) __attribute__((nonnull));
int import_folder(const struct image_store *store, const struct image_tools *tools, int folder,
		  const struct image_config *config, char ret_digest[IMAGE_DIGEST], struct err *e)
	__attribute__((nonnull(1, 2, 5, 6)));

/* --- image.c: what is run, listed, inspected --- */
struct image {
	char digest[IMAGE_DIGEST]; /* of the manifest */
	char *name;                /* as it was asked for; owned */
	struct manifest manifest;
	struct image_config config;
};
int image_open(const struct image_store *store, const char *ref, struct image *ret, struct err *e)
	__attribute__((nonnull));
void image_done(struct image *image);
/* extend.c: adds an image that has what is in the folder, an upper one of overlayfs, as one layer more. */
int image_extend(const struct image_store *store, const struct image_tools *tools, const struct image *image,
		 int folder, char ret_digest[IMAGE_DIGEST], struct err *e) __attribute__((nonnull));
/* Does all that the image names have the digest that it should, and is each layer there? */
int image_verify(const struct image_store *store, const struct image *image, struct err *e) __attribute__((nonnull));
