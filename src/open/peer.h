/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peer: who is at the other end of a connection. */
#pragma once

#include "base/err.h"

/* Fails unless it is a process of a sandbox that lives: one with a pid of its own in a namespace below ours. */
int peer_check(int connection, struct err *e) __attribute__((nonnull));
