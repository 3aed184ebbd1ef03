/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* below: what an overlay lies on, as its program sees it: a folder of the host, or the layers of an image. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "box/place.h"

struct below {
	struct place *layer; /* from the top down; owned. Those that are as deep as `depth` are seen there */
	size_t count, depth;
	bool image; /* marks of what is gone hide what is in the layers below */
};

#define BELOW_NONE                                                                                                     \
	{                                                                                                              \
		.count = 0                                                                                             \
	}

/* Each but the last returns 0 or a negative errno. */
int below_open(const int *folder, size_t count, bool image, struct below *ret) __attribute__((nonnull));
/* Which folder has the name that is seen; an fd, borrowed. -ENOENT: none. */
int below_find(const struct below *below, const char *name, struct stat *ret) __attribute__((nonnull));
int below_enter(struct below *below, const char *name) __attribute__((nonnull));
int below_leave(struct below *below) __attribute__((nonnull));
void below_done(struct below *below);

/* A device 0:0, or, since Linux 6.7, an empty file with an attribute. */
bool below_is_whiteout(int folder, const char *name, const struct stat *st) __attribute__((nonnull));
/* The attribute of a file or folder, which is never followed; its length, or -1 and errno. */
ssize_t below_attribute(int folder, const char *name, const char *attr, char ret[2]) __attribute__((nonnull));
