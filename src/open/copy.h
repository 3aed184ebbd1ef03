/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy: a file of a sandbox for another one. Its mount is of another namespace, and its path means something else
 * outside: so only its bytes go on. */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct copy {
	char *folder, *file; /* owned; paths; NULL: there is none */
};

/* `folder` is made if it is missing; what a killed broker has left there is removed. `from` is a regular file,
 * open for reading. */
int copy_make(const char *folder, int from, const char *name, struct copy *ret, struct err *e) __attribute__((nonnull));
/* Removes it: whoever has it mounted keeps it. */
void copy_done(struct copy *copy);
