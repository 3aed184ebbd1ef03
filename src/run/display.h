/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* display: what the monitor asks of the servers of displays, as the caller, before the services start. */
#pragma once

#include <stdint.h>

#include "display/x11.h"

struct monitor;
struct step;

/* What is held until the end. */
struct held_displays {
	struct stream x11; /* to the server, by which the cookie is revoked */
	uint8_t x11_major;
	uint32_t x11_id;
	int wayland; /* while it is open, the compositor takes clients; -1 */
};
#define HELD_DISPLAYS_NONE                                                                                             \
	{                                                                                                              \
		.x11 = STREAM_NONE, .wayland = -1                                                                      \
	}

/* The X11_UNTRUSTED and WAYLAND_CONTEXT steps: their files are in the folder of the services. */
int display_x11(struct monitor *m, const struct step *step, struct err *e) __attribute__((nonnull));
int display_wayland(struct monitor *m, const struct step *step, struct err *e) __attribute__((nonnull));
void displays_end(struct monitor *m) __attribute__((nonnull));
