/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wayland: a client of a compositor that asks for one thing: another socket, whose clients are known as a sandbox's
 * (wp_security_context_v1). */
#pragma once

#include "display/stream.h"

/* Can it be asked for that? ENOTSUP: it can't. */
int wayland_has_contexts(const char *socket, struct err *e) __attribute__((nonnull));

struct wayland_names {
	const char *engine, *app_id, *instance_id;
};
/* The compositor accepts clients of `listener` until nobody has the other end of `ends` any more. */
int wayland_confine(const char *socket, int listener, int ends, const struct wayland_names *names, struct err *e)
	__attribute__((nonnull));
