/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* services: programs that stand between the sandbox and the host while it lives: a filter of a bus, a server of a
 * display. What they read is the payload's, so each is in a sandbox of its own, which sbx makes from a profile of its
 * name.
 *
 *   the monitor --makes, locks--> services folder <--makes its socket in it-- service, in its sandbox --> the host's
 * server |  one byte on fd 3: ready                     |
 *        '--then--> init --binds the socket--> the payload's view
 *
 * Fd 3 of a service is a pipe: it writes one byte or more when it is ready, and ends when nobody reads there any more.
 * Where the monitor makes the socket, which is its fd 4 then, it gets ready side by side with the payload's view, and
 * the payload starts after both.
 * The folder is on the host, the caller's own (0700), covered in every sandbox but for what a rule names, and removed
 * at the end; what a killed sbx has left is known by its lock, and removed by the next. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "run/display.h"

struct monitor;

struct service {
	pid_t pid; /* of sbx, which confines it */
	int pidfd;
	int ready;        /* our end of its fd 3 */
	int said;         /* what it and its sbx have said */
	bool listens;     /* its socket is there already */
	const char *name; /* borrowed, from the plan */
};

struct services {
	int above, folder; /* of all runs; of this one, locked; -1 */
	const char *name;  /* of the latter in the former; borrowed, from the plan */
	struct service *v; /* owned */
	size_t count;
	struct held_displays displays;
};
#define SERVICES_NONE                                                                                                  \
	{                                                                                                              \
		.above = -1, .folder = -1, .displays = HELD_DISPLAYS_NONE                                              \
	}

/* Makes the folder, and what the services find in it, and starts all that the plan has, side by side. */
int services_start(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Makes a file in the folder, which a service of another id may read. */
int services_write(const struct monitor *m, const char *name, const void *bytes, size_t size, struct err *e)
	__attribute__((nonnull));
/* A socket in the folder, on which clients wait until it is read. */
int services_listen(const struct monitor *m, const char *name, struct err *e) __attribute__((nonnull));
/* Waits until each of those whose socket was there, or of the others, has said that it is ready. EIO, with what it has
 * said, if it ended; EINTR: sbx is asked to end. */
int services_wait(struct monitor *m, bool listens, struct err *e) __attribute__((nonnull));
/* Asks them to end, waits until they are gone, removes the folder. */
void services_end(struct monitor *m) __attribute__((nonnull));
