/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place: a position in a tree of folders, with one fd however deep it is. Down goes by one name that is neither a link
 * nor a mount, up only to the folder that it came from. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct place_mark {
	dev_t dev;
	ino_t ino;
};

struct place {
	int fd; /* of the folder, to be read */
	size_t depth;
	struct place_mark *above; /* of each folder above; owned */
	size_t cap;
};

#define PLACE_NONE                                                                                                     \
	{                                                                                                              \
		.fd = -1                                                                                               \
	}

/* Each returns 0 or a negative errno. */
int place_open(int folder, struct place *ret) __attribute__((nonnull));
int place_enter(struct place *place, const char *name) __attribute__((nonnull));
/* Goes up; *ret_left is an fd of the folder that was left, owned. ESTALE: the folder above is another now. */
int place_leave(struct place *place, int *ret_left) __attribute__((nonnull));
void place_done(struct place *place);

/* Opens `name` of a folder, never a link, a mount, or what would make one wait. An fd or negative errno. */
int place_open_name(int folder, const char *name, int flags) __attribute__((nonnull));
