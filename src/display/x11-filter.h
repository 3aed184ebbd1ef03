/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-filter: what the clients of one sandbox may ask of an X11 server that takes them for untrusted.
 *
 * That server keeps them from trusted clients, but not from other untrusted ones, which are those of other sandboxes:
 * so a request that names what neither they nor the server have made gets a number that nobody has in that place, and
 * the server's own error for it. What only reads of a window how it is called and where it is, is let through, for
 * programs look at those of the window manager.
 *
 * And it lets them have all of the keyboard, whoever's window has the focus (GrabKeyboard), or the server (GrabServer):
 * neither is done, and they are told that it was. Properties of windows that are not theirs stay as they are, and
 * nothing is said: some programs would end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Whose is this resource? */
struct x11_owners {
	bool (*is_foreign)(const void *arg, uint32_t id); /* neither of the sandbox's clients nor the server's own */
	const void *arg;
};

struct x11_client {
	bool big_endian;
	bool big_requests; /* it has enabled them: a length of 0 means that it follows in 32 bits */
	const struct x11_owners *owners;
};

/* Changes in place what `bytes` begin with, if it is a whole request, as far as it is looked at: its start. Its length;
 * 0: more is needed; negative: it is none. */
ssize_t x11_filter(unsigned char *bytes, size_t size, const struct x11_client *client) __attribute__((nonnull));
/* Where the numbers of a client begin, and which bits are its own, of the answer to its setup. 1; 0: more is needed;
 * negative: it is not let in. */
int x11_welcome_range(const unsigned char *bytes, size_t size, bool big_endian, uint32_t *ret_base, uint32_t *ret_mask)
	__attribute__((nonnull));
