/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-client: one client of the relay, and its connection to the server.
 *
 * The server gives the numbers of a client that has gone to the next one, which may be another sandbox's. What was let
 * through as naming one of ours would then name one of theirs. So a client that others have named stays connected to
 * the server until that has done all their requests; and that it has done them, it says by the numbers in its answers.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

/* One direction: what was read is written before more is read. */
struct x11_flow {
	int from, to; /* borrowed; -1: what comes is for nobody */
	struct str waiting;
	size_t ready, sent; /* how much of it may be written, and was */
	size_t passing;     /* bytes of what was looked at, which are not read yet */
	bool ended;         /* of `from` */
};

struct x11_place {
	int fd, server; /* server -1: this place is free; fd -1: the client has gone */
	bool set_up;    /* the server has its setup */
	bool welcome;   /* and has let it in */
	bool leaving;   /* the server has been told that it goes */
	bool hung_up;   /* the server has closed the connection */
	bool big_endian;
	bool big_requests;   /* enabled */
	bool was_named;      /* by another client */
	uint32_t base, mask; /* of its resources */
	uint64_t sent, heard,
		named; /* its requests: how many; which the server has done; the last that named another's */
	struct x11_flow in, out;
};

/* What begins with these bytes: its length; 0: more is needed; negative: this is the end of the connection. */
struct x11_judge {
	ssize_t (*request)(void *arg, struct x11_place *place, unsigned char *bytes, size_t size);
	void *arg;
	const unsigned char *cookie; /* for its setup */
};

void x11_enter(struct x11_place *place, int fd, int server) __attribute__((nonnull)); /* takes both over */
/* It is no client any more; its place is free when the server has heard of it: x11_retire(). */
void x11_leave(struct x11_place *place) __attribute__((nonnull));
/* `named`: there may be requests on the way that name what is its. */
void x11_retire(struct x11_place *place, bool named) __attribute__((nonnull));
void x11_free(struct x11_place *place) __attribute__((nonnull));

/* What to ask poll for its two ends, and what to do then. */
void x11_slots(const struct x11_place *place, struct pollfd ret[2]) __attribute__((nonnull));
void x11_serve(struct x11_place *place, const struct pollfd slots[2], const struct x11_judge *judge)
	__attribute__((nonnull));
