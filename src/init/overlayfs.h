/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlayfs: folders of the host in layers, as one mount. */
#pragma once

#include <stddef.h>

#include "init/steps.h"

/* Each was opened without following a link, and is given to the kernel as an fd: a path may be anything. */
struct overlay_layers {
	int lower[PLAN_MAX_LAYERS]; /* from the top down; `count` are open */
	size_t count;
	int upper, work;
};
#define OVERLAY_LAYERS_NONE                                                                                            \
	{                                                                                                              \
		.count = 0, .upper = -1, .work = -1                                                                    \
	}

/* One more lower layer, below those that there are. */
int overlay_add_lower(struct overlay_layers *l, const char *path, struct err *e) __attribute__((nonnull));
/* The same of a mount that lies nowhere: it comes into the scratch tmpfs, since a layer must be in the mount namespace.
 * Takes the fd over. */
int overlay_add_mount(struct sandbox *s, struct overlay_layers *l, int mount, struct err *e) __attribute__((nonnull));
/* What is written goes to the scratch tmpfs, into a folder with this mode and owner. An owner that is none in here
 * can't be had, and is not the command. */
int overlay_write_scratch(struct sandbox *s, struct overlay_layers *l, const struct stat *like, struct err *e)
	__attribute__((nonnull));
/* Or to the folders `upper` and `work` in one of the host. */
int overlay_write_to(struct overlay_layers *l, const char *folder, struct err *e) __attribute__((nonnull));
/* Can what is written have extended attributes? Without them no folder of a lower layer can be removed: EIO.
 */
int overlay_check_attributes(const struct overlay_layers *l, struct err *e) __attribute__((nonnull));
/* An fd of the mount, which lies in the scratch tmpfs until it is moved. */
int overlay_mount(struct sandbox *s, const struct overlay_layers *l, struct err *e) __attribute__((nonnull));
void overlay_layers_done(struct overlay_layers *l) __attribute__((nonnull));
