/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relay: bytes from one fd to another, counted; the caller's own fds never enter the sandbox, so that their flags can't
 * be changed and their files can't be opened again for more. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct relay {
	int from, to;     /* owned; -1, -1: not in use */
	bool from_ready;  /* there is something to read: wait until it can be written */
	bool copy;        /* splice(2) does not work between these two */
	bool to_terminal; /* `to` is kept open at the end (the master of a terminal) */
	int64_t limit;    /* bytes that may pass; -1: any number */
	int64_t passed;
	bool truncated; /* there was more */
	int error;      /* errno of what sbx could not read or write; the relay is closed then */
	char *pending;  /* read and not yet written, when copying; owned */
	uint32_t pending_start, pending_end;
};

#define RELAY_NONE                                                                                                     \
	{                                                                                                              \
		.from = -1, .to = -1, .limit = -1                                                                      \
	}

/* What to poll for; returns false if the relay is at its end. */
bool relay_poll(const struct relay *relay, struct pollfd *ret) __attribute__((nonnull));
/* Moves what can be moved without blocking, after poll(2) filled `revents`. */
void relay_move(struct relay *relay, short revents) __attribute__((nonnull));
bool relay_open(const struct relay *relay) __attribute__((nonnull));
void relay_close(struct relay *relay) __attribute__((nonnull));
