/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* aside: work in a process of its own, which may enter namespaces while its maker stays where it is. */
#pragma once

#include "base/err.h"

/* Gives back 0, or a negative errno with the error; *ret_fd: an fd for the maker, or -1 as it is when called. */
typedef int aside_fn(void *arg, int *ret_fd, struct err *e);

/* Runs it to its end. The process dies with its maker. */
int aside_run(aside_fn *work, void *arg, int *ret_fd, struct err *e) __attribute__((nonnull));
