/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: findings, and who makes them. */
#pragma once

#include "base/json.h"

struct doctor {
	struct json *findings; /* NULL: text */
	struct str out;
	bool colour;
	int bad; /* layers that are missing */
};

/* doctor-finding.c. `good`: 1 ok, 0 missing, -1 not needed by every profile. `fix` may be NULL. */
void doctor_finding(struct doctor *d, const char *layer, int good, const char *text, const char *fix)
	__attribute__((nonnull(1, 2, 4)));
/* doctor-grading.c: what makes the times of a program differ from run to run. `root` is "" but in tests, which make a
 * /proc and a /sys of their own; `second` is how long is looked at what else runs, in nanoseconds. */
void doctor_grading(struct doctor *d, const char *root, int64_t second) __attribute__((nonnull));
