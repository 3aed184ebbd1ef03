/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-known: what of a server the relay must know to judge requests; asked once, when it starts. */
#pragma once

#include "display/x11.h"

enum x11_atom {
	X11_CLIPBOARD,
	X11_DND,       /* the selection of what is dragged */
	X11_PROTOCOLS, /* WM_PROTOCOLS */
	X11_NAME,      /* _NET_WM_NAME */
	X11_SETTINGS,  /* of the desktop, for all programs */
	X11_MANAGER,   /* which window the window manager has for saying what it is */
	X11_ATOMS
};

struct x11_known {
	uint8_t big_requests, misc; /* opcodes of the extensions that untrusted clients have; 0: there is none */
	uint32_t longest;           /* request, in words of four bytes */
	uint32_t atom[X11_ATOMS];
	uint32_t manager; /* that window; 0: there is none */
};

/* By a client of our own, whose last message was the answer to its setup. */
int x11_know(struct stream *stream, struct x11_known *ret, struct err *e) __attribute__((nonnull));
