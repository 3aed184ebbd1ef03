/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: what the words of `sbxctl image` share. */
#pragma once

#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "image/image.h"

struct image_words {
	const char *word[4]; /* those that are no options */
	int count;
	bool quiet;
};
/* Takes the options apart; at least `least` and at most `most` words. False: wrong use, which was said. */
bool image_words_read(int argc, char **argv, int least, int most, struct image_words *ret) __attribute__((nonnull));
int image_store(const struct ctl *ctl, enum store_use use, struct image_store *ret, struct err *e)
	__attribute__((nonnull));
/* What was done with an image, or why not; an exit status. `digest` NULL: not known. */
int image_did(const struct ctl *ctl, const char *name, const char *digest, const char *what)
	__attribute__((nonnull(1, 2, 4)));
int image_failed(const struct ctl *ctl, const char *name, const struct err *e) __attribute__((nonnull));
/* The paths of sbx and sbx-archive, owned by the caller also on failure. */
int image_tools(const struct ctl *ctl, char **ret_sbx, char **ret_archive, struct err *e) __attribute__((nonnull));

/* image-import.c: an image of a source, as the words of import have it; what it is called is told in the rows. */
struct image_job {
	const char *name; /* NULL: as the source says, or is called */
	struct progress *progress;
	struct rows *rows;
};
int image_take_in(const struct ctl *ctl, const char *source, const struct image_job *job, struct err *e)
	__attribute__((nonnull));

/* image-commit.c: adds the digests of the images that sessions have changes of. */
int image_used(const struct ctl *ctl, struct strv *ret, struct err *e) __attribute__((nonnull));
/* image-export.c: what an image is written to: oci:FOLDER[:TAG], oci-archive:FILE, erofs:FILE or squashfs:FILE. */
int image_check_target(const char *target, struct err *e) __attribute__((nonnull));
int image_write(const struct ctl *ctl, const struct image_store *store, const char *ref, const char *target,
		struct err *e) __attribute__((nonnull));

/* Each is a word of `sbxctl image`, with what stands behind it; an exit status. */
int image_import(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull)); /* image-import.c */
int image_pull(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));   /* image-pull.c */
int image_pack(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));   /* image-pack.c */
int image_export(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull)); /* image-export.c */
int image_commit(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull)); /* image-commit.c */
int image_list(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));   /* image-show.c */
int image_inspect(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
