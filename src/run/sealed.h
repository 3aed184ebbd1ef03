/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sealed: an image in one file, mounted before the sandbox is made. What is here is of the caller, in the host's
 * namespaces; init puts the mount where it belongs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct monitor;

struct sealed {
	int mount;    /* of its file system, lying nowhere, until init has it; -1 */
	pid_t server; /* sbx, which confines the program that shows it by FUSE; 0: none */
	int pidfd;    /* of that; -1 */
	int said;     /* what it has said; -1 */
};
#define SEALED_NONE                                                                                                    \
	{                                                                                                              \
		.mount = -1, .pidfd = -1, .said = -1                                                                   \
	}

int sealed_open(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Milliseconds that the program may take until the payload runs; -1: there is none. */
int sealed_patience(const struct monitor *m) __attribute__((nonnull));
/* Asks it to end: who waits for a file of the image waits no longer. */
void sealed_stop(const struct monitor *m) __attribute__((nonnull));
/* The sandbox could not be made: if the program has failed, that is why. */
void sealed_explain(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Waits until it is gone. */
void sealed_end(struct monitor *m) __attribute__((nonnull));

/* sealed-kernel.c, sealed-fuse.c: an fd of a mount that lies nowhere. `file` is open for reading. The second also gives
 * the kernel's end of the FUSE, from which the caller starts the program. */
int sealed_by_kernel(int file, const char *form, struct err *e) __attribute__((nonnull));
int sealed_by_fuse(int *ret_device, struct err *e) __attribute__((nonnull));
