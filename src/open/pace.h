/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pace: how often something may happen, so that no page opens a thousand windows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct pace {
	int64_t used[2]; /* until when, by CLOCK_MONOTONIC, each of two measures is used up; 0: from the start */
};

/* May it happen now? 5 at once, then one a second; and 30 at once, then one in 20 seconds. */
bool pace_take(struct pace *pace, int64_t now_ns) __attribute__((nonnull));
/* The same of all sandboxes of the caller together, as one may open another that opens the first: 30 at once, then one
 * a second; and 90 at once, then one in 5 seconds. One alone does not use that up. `path` is a file of the caller's
 * own, which is made. EAGAIN: it may not. */
int pace_take_shared(const char *path, int64_t now_ns, struct err *e) __attribute__((nonnull));
