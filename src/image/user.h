/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* user: who a command of an image is, as its own /etc/passwd and /etc/group have it. */
#pragma once

#include "image/image.h"

struct image_user {
	uid_t uid;
	gid_t gid;
	char *name, *home; /* owned; NULL: /etc/passwd has no such id */
};

/* `layers`: folders, from the top down. `text`: "", USER or USER:GROUP, each a name or a number, as a configuration has
 * it; NULL is "". */
int image_user_find(const struct strv *layers, const char *text, struct image_user *ret, struct err *e)
	__attribute__((nonnull(1, 3, 4)));
void image_user_done(struct image_user *user);
/* Names in the root of the image: folders, and files that are no links. */
int image_root_names(const struct strv *layers, struct strv *ret_folders, struct strv *ret_files, struct err *e)
	__attribute__((nonnull));
