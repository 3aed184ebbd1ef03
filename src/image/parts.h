/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts: what the files of this folder share. */
#pragma once

#include "image/image.h"

/* Opens a regular file that is below the folder, whatever links are on the way. An fd. */
int open_beneath(int folder, const char *path, struct err *e) __attribute__((nonnull));
/* All of it, at most IMAGE_JSON_MAX bytes; `path` is for errors. */
int read_all(int fd, const char *path, struct str *ret, struct err *e) __attribute__((nonnull));
int read_beneath(int folder, const char *path, struct str *ret, struct err *e) __attribute__((nonnull));
/* The layers of a manifest whose blobs are all in the store. */
int add_layers(const struct image_store *store, const struct image_tools *tools, const struct manifest *manifest,
	       struct err *e) __attribute__((nonnull));
/* One layer and what is to be said of it. */
struct new_layer {
	struct descriptor blob;
	char diff_id[IMAGE_DIGEST];
};
/* What is in a folder, in layers' words, as a blob and unpacked. */
int layer_of_folder(const struct image_store *store, const struct image_tools *tools, int folder, struct new_layer *ret,
		    struct err *e) __attribute__((nonnull));
/* Adds what it prints, without times: the same gives the same bytes. Frees it. */
int new_blob(const struct image_store *store, struct json *owned, struct descriptor *ret, struct err *e)
	__attribute__((nonnull));
/* The member rootfs of a configuration: which layers there are. */
struct json *new_rootfs(const struct new_layer *layer, size_t count) __attribute__((nonnull));
/* A manifest for layers and a configuration that are in the store. */
int new_manifest(const struct image_store *store, const struct descriptor *config, const struct new_layer *layer,
		 size_t count, char ret_digest[IMAGE_DIGEST], struct err *e) __attribute__((nonnull(1, 2, 5, 6)));
/* A configuration that says what `defaults` does (NULL: nothing). */
int new_config(const struct image_store *store, const struct image_config *defaults, const struct new_layer *layer,
	       size_t count, struct descriptor *ret, struct err *e) __attribute__((nonnull(1, 5, 6)));
/* Runs a program of the host on what a stranger made, in a sandbox (the profile archive). `words`: options of sbx,
 * "--", its path and arguments; a NULL. `who` is it for errors. `keep`: an fd, or -1, of a file that the program may
 * read: it is /proc/self/fd/NUMBER there. */
struct helper {
	const char *who;
	const char *const *words;
	int folder; /* where sbx is started: what words name by "." */
	int keep;
	int streams[2];
};
int helper_run(const struct image_tools *tools, const struct helper *helper, struct err *e) __attribute__((nonnull));
