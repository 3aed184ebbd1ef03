/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-wire: what is said to an X11 server, and its answers, as bytes: little-endian, but for setups of other programs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "display/authority.h"

/* The first thing that a client says, with a cookie (NULL: none), in its byte order. */
void x11_put_setup(bool big_endian, const void *cookie, struct str *out) __attribute__((nonnull(3)));
/* What a client has said so far, with this cookie in place of its own. How many bytes of it are the setup; 0: that is
 * not whole yet; negative: it is none. */
ssize_t x11_with_cookie(const unsigned char *bytes, size_t size, const void *cookie, struct str *ret)
	__attribute__((nonnull));

/* The answer to a setup: how long the one is that begins here; 0: that is not known yet; negative: it is none. And
 * whether the client may come in; `ret_why` gets the server's words. */
ssize_t x11_welcome_length(const unsigned char *bytes, size_t size, bool big_endian) __attribute__((nonnull));
bool x11_welcome(const unsigned char *bytes, size_t size, struct str *ret_why) __attribute__((nonnull));

/* The first screen's root window, of the answer to a setup; 0: it is damaged. */
uint32_t x11_root(const unsigned char *bytes, size_t size) __attribute__((nonnull));

/* What comes after, its length likewise: replies, errors, events. */
ssize_t x11_message_length(const unsigned char *bytes, size_t size) __attribute__((nonnull));
enum x11_sort { X11_ERROR, X11_REPLY, X11_EVENT };
enum x11_sort x11_sort(const unsigned char *bytes) __attribute__((nonnull));

void x11_put_query_extension(const char *name, struct str *out) __attribute__((nonnull));
/* The major opcode, of a whole reply; 0: the server has no such extension. */
uint8_t x11_extension(const unsigned char *bytes, size_t size) __attribute__((nonnull));

/* Asks for an atom, which is made if there is none; for the longest request; for a property that is a window. The
 * answer is a word of a reply, at this byte; 0: it has none there. */
void x11_put_intern_atom(const char *name, struct str *out) __attribute__((nonnull));
void x11_put_enable(uint8_t big_requests, struct str *out) __attribute__((nonnull));
void x11_put_get_window(uint32_t window, uint32_t property, struct str *out) __attribute__((nonnull));
enum { X11_ATOM_AT = 8, X11_LONGEST_AT = 8, X11_VALUE_AT = 32 };
uint32_t x11_word(const unsigned char *bytes, size_t size, size_t at) __attribute__((nonnull));

/* An untrusted client's authorization, gone so many seconds after its last client. */
void x11_put_generate(uint8_t major, uint32_t timeout, struct str *out) __attribute__((nonnull));
void x11_put_revoke(uint8_t major, uint32_t id, struct str *out) __attribute__((nonnull));
struct x11_authorization {
	uint32_t id;
	unsigned char cookie[COOKIE_SIZE];
};
/* Of a whole reply; false: it is not what was asked for. */
bool x11_authorization(const unsigned char *bytes, size_t size, struct x11_authorization *ret) __attribute__((nonnull));
