/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* merged: a file of an image, found as overlayfs will show it: a layer removes or hides what those below it have, and a
 * link may lead into another layer, but never out of the image. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* `layers`: folders, from the top down. An fd of a regular file; -ENOENT: there is none of that name; or another
 * negative errno. */
int merged_open(const struct strv *layers, const char *path, struct err *e) __attribute__((nonnull));
/* Does a folder of a layer hide what the layers below have in it? */
bool merged_is_opaque(int folder);
