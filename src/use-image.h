/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* use-image: the image that a policy asks for, as facts for the compiler. */
#pragma once

#include "host/host.h"

/* Fills host->image, of the store. */
int use_image(struct host *host, const char *ref, struct err *e) __attribute__((nonnull));
/* The same of a file; use-seal.c. */
int use_seal(struct host *host, const char *path, struct err *e) __attribute__((nonnull));
/* The folder of the environment, or of /etc/passwd. Owned by the caller. */
struct image_user;
char *use_image_home(const struct host_image *image, const struct image_user *user) __attribute__((nonnull));
