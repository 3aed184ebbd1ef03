/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* seal: an image as one file, of which sbx reads no file system. Behind that lies what has to be known before it is
 * mounted: a configuration as the OCI image specification has it, with a member "sbx", and one line of a fixed length.
 *
 *   erofs or squashfs | JSON | "sbx-image 1 LENGTH sha256:HEX\n"     LENGTH: bytes of the JSON; the digest is its own
 *
 * A stranger may have written all of it: what it says of the image is only what its command will find there. */
#pragma once

#include "image/image.h"
#include "image/user.h"

enum seal_form { SEAL_EROFS, SEAL_SQUASHFS, SEAL_FORMS };
enum {
	SEAL_FOOTER = 95, /* bytes of the line */
	SEAL_NAMES_MAX = 4096,
	SEAL_HEAD = 2048 /* bytes at the beginning that tell what it is, and no file system is smaller */
};

struct seal {
	enum seal_form form;
	uint64_t bytes;             /* of the file system */
	char content[IMAGE_DIGEST]; /* of these bytes, as it says: whoever runs it does not look */
	char digest[IMAGE_DIGEST];  /* of the manifest that it was made of, likewise */
	struct image_config config;
	struct image_user user;
	struct strv folders, files; /* names in the root */
};

/* "erofs", "squashfs": what the kernel calls it. */
const char *seal_form_name(enum seal_form form);
/* Which of them begins so? False: none. */
bool seal_is_form(const char head[SEAL_HEAD], enum seal_form *ret) __attribute__((nonnull));
/* Of a file of `size` bytes: where the JSON is, and how long. ENODATA: that is no such line. */
struct seal_footer {
	uint64_t offset, length;
	char digest[IMAGE_DIGEST];
};
int seal_read_footer(const char line[SEAL_FOOTER], uint64_t size, struct seal_footer *ret, struct err *e)
	__attribute__((nonnull));
/* All but the form. */
int seal_read_text(const struct str *text, struct seal *ret, struct err *e) __attribute__((nonnull));
/* ENOTSUP: it is no such file system; ENODATA: there is nothing behind it, and only ret->form is written. */
int seal_read(int file, struct seal *ret, struct err *e) __attribute__((nonnull));
/* What stands behind the file system: `config` is the configuration of the image, as it came. */
int seal_text(const struct seal *seal, const struct str *config, struct str *out, struct err *e)
	__attribute__((nonnull));
void seal_done(struct seal *seal);

/* flatten.c: the layers, folders from the top down, as one tree in the empty folder `to`; its files are links to
 * theirs.
 */
int layers_flatten(const struct strv *layers, int to, struct err *e) __attribute__((nonnull));

/* sealing.c */
/* The layers of an image that overlayfs would take, folders from the top down; `path`: that of the store. */
void image_layers(const struct image_store *store, const struct image *image, const char *path, struct strv *ret)
	__attribute__((nonnull));
/* Writes an image to an empty file. The same image becomes the same bytes. */
int seal_make(const struct image_store *store, const struct image_tools *tools, const struct image *image,
	      enum seal_form form, int to, struct err *e) __attribute__((nonnull));
/* Adds what such a file system has to the store; also one with nothing behind it, of which nothing is known then. */
int import_seal(const struct image_store *store, const struct image_tools *tools, int file,
		char ret_digest[IMAGE_DIGEST], struct err *e) __attribute__((nonnull));
