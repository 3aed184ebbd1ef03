/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter-x86: numbers of the 32-bit x86 table. */
#pragma once

/* The number of a call; -1 if that table has none. `native`: its number on x86-64, or -1. */
int filter_x86_number(const char *name, int native) __attribute__((nonnull));
