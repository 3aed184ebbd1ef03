/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-filter: what the clients of one sandbox may ask of an X11 server that takes them for untrusted.
 *
 * That server keeps them from trusted clients, but not from other untrusted ones, which are those of other sandboxes:
 * so a request that names what neither they nor the server have made gets a number that nobody has in that place, and
 * the server's own error for it. What only reads of a window where it is, is let through, for programs look at those of
 * the window manager; of its properties, those of the window manager and the settings of the desktop are there, and no
 * others: titles, and what is on its way from a program to another when it is pasted, or typed by an input method.
 *
 * What that server leaves to whoever asks, though it is of all programs, is not done, and they are told that it was,
 * for some programs would end: to have all of the keyboard (GrabKeyboard) or the server (GrabServer); to say when the
 * screen is locked; to leave something behind; properties of windows that are not theirs; selections by which programs
 * find the desktop's settings, window manager and input method (only what is copied or dragged is theirs to give); and
 * what is said to the window manager of windows that are not theirs, as to close them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "display/x11-known.h"

/* Whose is this resource? */
struct x11_owners {
	bool (*is_foreign)(const void *arg, uint32_t id); /* neither of the sandbox's clients nor the server's own */
	const void *arg;
};

struct x11_client {
	bool big_endian;
	bool big_requests; /* it has enabled them: a length of 0 means that it follows in 32 bits */
	const struct x11_owners *owners;
	const struct x11_known *known;
};

/* Changes in place what `bytes` begin with, if it is a whole request, as far as it is looked at: its start. Its length;
 * 0: more is needed; negative: it is none, or longer than the server takes: what becomes of that differs. */
ssize_t x11_filter(unsigned char *bytes, size_t size, const struct x11_client *client) __attribute__((nonnull));
/* Where the numbers of a client begin, and which bits are its own, of the answer to its setup. 1; 0: more is needed;
 * negative: it is not let in. */
int x11_welcome_range(const unsigned char *bytes, size_t size, bool big_endian, uint32_t *ret_base, uint32_t *ret_mask)
	__attribute__((nonnull));
/* How long the message of the server is that begins here; 0: more is needed. `heard` becomes the number of the last
 * request that it tells of, of so many that were `sent`, fewer than 65,536 more than were heard of. */
ssize_t x11_answer(const unsigned char *bytes, size_t size, bool big_endian, uint64_t sent, uint64_t *heard)
	__attribute__((nonnull));
