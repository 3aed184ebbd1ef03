/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* terminal: the caller's terminal while the sandbox has one of its own: raw, resized along, and always restored. */
#pragma once

#include <stdbool.h>
#include <termios.h>

struct caller_terminal {
	int fd; /* of the caller's terminal; -1: none */
	bool raw;
	struct termios before;
};

/* Remembers the mode and makes it raw. */
void terminal_raw(struct caller_terminal *terminal) __attribute__((nonnull));
/* False while it is another process group's: whoever reads from it then, or changes its mode, is stopped. */
bool terminal_is_ours(const struct caller_terminal *terminal) __attribute__((nonnull));
void terminal_restore(struct caller_terminal *terminal) __attribute__((nonnull));
/* Gives the sandbox's terminal the size of the caller's. */
void terminal_resize(const struct caller_terminal *terminal, int master) __attribute__((nonnull));
