/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* use-image: the image that a policy asks for, as facts for the compiler. */
#pragma once

#include "host/host.h"

/* Fills host->image. */
int use_image(struct host *host, const char *ref, struct err *e) __attribute__((nonnull));
