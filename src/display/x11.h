/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11: a client of an X11 server of our own, which asks for a cookie of clients that are not trusted, and little else.
 */
#pragma once

#include "display/stream.h"
#include "display/x11-wire.h"

/* Connects, with a cookie (NULL: none). EACCES: the server does not let it in. */
int x11_open(const char *socket, const void *cookie, struct stream *ret, struct err *e)
	__attribute__((nonnull(1, 3, 4)));
/* The next answer, of 32 bytes or more, which is there until the next call; its size. And the one to this request, the
 * only one that is under way. */
ssize_t x11_reply(struct stream *stream, const unsigned char **ret, struct err *e) __attribute__((nonnull));
ssize_t x11_ask(struct stream *stream, const struct str *request, const unsigned char **ret, struct err *e)
	__attribute__((nonnull));
/* The major opcode of an extension; 0: the server has none of that name. */
int x11_extension_code(struct stream *stream, const char *name, struct err *e) __attribute__((nonnull));
/* The major opcode of the SECURITY extension. ENOTSUP: the server has none. */
int x11_security(struct stream *stream, struct err *e) __attribute__((nonnull));
/* A new authorization of untrusted clients, which is revoked when it has had no client for so long. */
int x11_generate(struct stream *stream, uint8_t major, uint32_t seconds, struct x11_authorization *ret, struct err *e)
	__attribute__((nonnull));
/* Clients that have it are thrown out, as far as the server still listens; the stream is of no more use. */
void x11_revoke(struct stream *stream, uint8_t major, uint32_t id) __attribute__((nonnull));
