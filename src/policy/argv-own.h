/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* argv-own: the options of sbx's own; all others are of the settings table. */
#pragma once

#include "policy/argv.h"

/* An option of sbx's own. `value` is NULL for one without. */
struct own_option {
	const char *name;
	char letter; /* 0: none */
	const char *metavar, *help;
	bool optional; /* the value may be missing, and is only looked for after '=' */
	int (*parse)(struct request *request, const char *value, struct err *e);
};

extern const struct own_option own_options[];
extern const size_t own_option_count;
