/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wayland-wire: what is said to a Wayland compositor, and its events, as bytes, in the order of the machine. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

enum { WAYLAND_DISPLAY_ID = 1 }; /* the object that is there from the start */

/* An argument of a request: a text, or a number where that is NULL. A new object of an interface that was announced
 * (wl_registry.bind) is a text, a version and a number. */
struct wayland_argument {
	const char *text;
	uint32_t number;
};
void wayland_put(uint32_t object, uint16_t opcode, const struct wayland_argument *arguments, size_t count,
		 struct str *out) __attribute__((nonnull(5)));

/* How long the event is that begins here; 0: that is not known yet; negative: there is no such event. */
ssize_t wayland_event_length(const unsigned char *bytes, size_t size) __attribute__((nonnull));
struct wayland_event {
	uint32_t object;
	uint16_t opcode;
	const unsigned char *bytes; /* of its arguments; borrowed */
	size_t size;
};
/* Of a whole one. */
struct wayland_event wayland_event(const unsigned char *bytes, size_t size) __attribute__((nonnull));
/* wl_registry.global: what the compositor has, by its number. False: it is damaged. */
struct wayland_global {
	uint32_t number, version;
	const char *interface; /* borrowed */
};
bool wayland_global(const struct wayland_event *event, struct wayland_global *ret) __attribute__((nonnull));
/* wl_display.error: the words of the compositor; "" if it is damaged. Borrowed. */
const char *wayland_error(const struct wayland_event *event) __attribute__((nonnull));
