/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* join-spaces: the namespaces of a sandbox, for a command that joins it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { JOIN_SPACES = 6 };

struct join_spaces {
	int outer, inner;       /* user namespaces; inner: -1 if the sandbox has none */
	int other[JOIN_SPACES]; /* owned by the outer one, or the caller's own; -1: the sandbox has none */
};
#define JOIN_SPACES_NONE                                                                                               \
	{                                                                                                              \
		.outer = -1, .inner = -1, .other = { -1, -1, -1, -1, -1, -1 }                                          \
	}

/* Init itself can't be looked into by an ordinary caller: so they are those of its first child, the payload. That may
 * have entered others meanwhile, but none that the outer user namespace owns: each is checked for its owner. `new`:
 * CLONE_NEW* that the sandbox was made with. */
int join_spaces_open(pid_t init, uint64_t new, struct join_spaces *ret, struct err *e) __attribute__((nonnull));
/* Does the first command live? */
bool join_spaces_lives(pid_t init);
void join_spaces_close(struct join_spaces *spaces) __attribute__((nonnull));
/* 0 or negative errno. To be called in a process that shares its memory. */
int join_spaces_enter(const struct join_spaces *spaces) __attribute__((nonnull));
