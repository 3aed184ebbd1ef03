/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grant: more of the host in a sandbox that runs.
 *
 *     sbxctl --fork--> taker: the caller in a copy of the host's mounts; does the mount steps of a plan, as init does,
 *       |                in a root of its own; hands over what is at the target, as a detached mount
 *       +----fork----> mounter: root of the sandbox's outer user namespace, in its mount namespace; makes the mount
 *                        point, mounts, reads back
 *
 * The program may be renaming and linking meanwhile. So something is mounted only where it can't write, from the root
 * down, in folders of the sandbox's own that are sealed: no name on the way can become another thing then, neither now
 * nor before it is taken away again. Mount points are made by a second mount of such a folder, which is writable and
 * which nobody inside sees. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan/plan.h"

struct grant {
	const struct plan *plan; /* of the sandbox */
	int init;                /* pidfd; while it has not ended, what was found by its pid is the sandbox's */
	pid_t init_pid;
	const char *own;    /* a sealed folder of the sandbox's own, besides its root; NULL: there is none */
	const char *target; /* path in the sandbox */
	uint64_t id;        /* of the mount: grant_take */
	bool folder;        /* it is one; else it is a file, or a socket ... */
};

/* What the BIND step of `view` with that target shows, and all that the plan covers in it. An fd. */
int grant_take(const struct plan *view, const char *target, uint64_t *ret_id, struct err *e) __attribute__((nonnull));
/* How a mount is known again, of which the fd is the root; false: it is none. The number is never used again on Linux
 * 6.8 and newer; before, not while the mount is there. */
bool grant_id_of(int fd, uint64_t *ret) __attribute__((nonnull));
/* Mounts it. On failure nothing is left. */
int grant_mount(const struct grant *grant, int mount, struct err *e) __attribute__((nonnull));
/* Takes it away, and the mount point if a grant made that. 1; 0: it was not there. */
int grant_unmount(const struct grant *grant, struct err *e) __attribute__((nonnull));
