/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* capabilities: names as in capabilities(7), without CAP_, in lower case. */
#pragma once

/* The number of a capability, or -1. */
int capability_number(const char *name) __attribute__((nonnull));
