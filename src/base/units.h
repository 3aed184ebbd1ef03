/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* units: numbers, sizes and times as people write them; the whole text or nothing, never a fallback. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Decimal digits only: no sign, blank, hex, or empty text. EINVAL; ERANGE above `max`. */
int units_number(const char *text, uint64_t max, uint64_t *ret_number, struct err *e) __attribute__((nonnull));

/* Digits, then nothing or one of K M G T (powers of 1024): bytes. ERANGE above 2^62. */
int units_size(const char *text, uint64_t *ret_bytes, struct err *e) __attribute__((nonnull));

/* Digits with an optional fraction (at most 9 digits), then nothing, ms, s, min or h: nanoseconds. ERANGE above 10^9 s.
 */
int units_time(const char *text, uint64_t *ret_ns, struct err *e) __attribute__((nonnull));
