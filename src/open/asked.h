/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* asked: a packet that the payload has sent, read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct asked {
	bool is_file;
	char *text; /* owned; the link, its scheme in small letters; or a name for the file that is safe */
};

/* Fails where it is neither, or no link that may be followed: with a text for whoever asked. */
int asked_read(const char *packet, size_t size, struct asked *ret, struct err *e) __attribute__((nonnull));
void asked_done(struct asked *asked);
/* Is it of this kind, a scheme or the end of a file's name, as in profile.opens? */
bool asked_is(const struct asked *asked, const char *kind) __attribute__((nonnull));
