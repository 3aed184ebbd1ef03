/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* start: starts the program of a target with what was asked for. */
#pragma once

#include "open/target.h"

/* `file`: the fd that came with it; -1. Returns when the program runs. The texts of errors are for the payload: they
 * say nothing of the host but the names of the profile and of its commands. */
int start(const struct targets *targets, const struct asked *asked, int file, struct err *e) __attribute__((nonnull));
