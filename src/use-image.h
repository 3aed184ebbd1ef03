/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* use-image: the image that a policy asks for, as facts for the compiler. */
#pragma once

#include "host/host.h"

/* Fills host->image, of the store. */
int use_image(struct host *host, const char *ref, struct err *e) __attribute__((nonnull));
/* The same of a file; use-seal.c. */
int use_seal(struct host *host, const char *path, struct err *e) __attribute__((nonnull));
/* What both have: the command, the environment and the folder; then the user, whose name is taken. */
struct image_config;
struct image_user;
void use_image_config(struct host_image *image, const struct image_config *config) __attribute__((nonnull));
void use_image_user(struct host_image *image, struct image_user *user) __attribute__((nonnull));
