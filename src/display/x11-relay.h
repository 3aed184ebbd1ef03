/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-relay: gives each client of a sandbox to the X11 server with a cookie that is not the client's choice. Without it
 * a client could leave its cookie out, and where the server lets in whoever is this user (xhost), it would be trusted.
 */
#pragma once

#include "base/err.h"

struct x11_relay {
	const char *server;    /* its socket */
	const char *authority; /* file with the cookie */
	int display;           /* the number that it has there */
	int listener;          /* fd: clients connect there; never blocks */
	int ready;             /* fd: gets a byte, and the relay ends when nobody reads there any more */
};
/* Returns at the end, or negative. */
int x11_relay(const struct x11_relay *relay, struct err *e) __attribute__((nonnull));
