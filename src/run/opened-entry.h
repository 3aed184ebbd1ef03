/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opened-entry: one line of the list of what is opened. */
#pragma once

#include "run/opened.h"

struct opened_entry {
	unsigned how;
	enum opened_found found;
	char path[];
};

int opened_compare(const void *a, const void *b) __attribute__((nonnull));
