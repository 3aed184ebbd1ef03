/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: the monitor's part of a sandbox whose root is an image. */
#pragma once

#include "run/monitor.h"

/* The LAYER steps. */
int image_hold(struct monitor *m, struct err *e) __attribute__((nonnull));
void image_let_go(struct monitor *m) __attribute__((nonnull));
