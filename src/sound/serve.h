/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve: the filter's socket. Each program that connects there gets a connection of its own to the sound server; one
 * turn after the other each may say a piece of bounded size, so that none keeps the others waiting. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct sound_service {
	const char *server, *socket; /* paths: the host's server; what is made */
	bool record;
	int ready; /* one byte is written there when the socket is; the end is when nobody reads there any more */
};

/* 0: nobody reads there any more. */
int sound_serve(const struct sound_service *service, struct err *e) __attribute__((nonnull));
