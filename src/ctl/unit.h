/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit: a service of systemd that is one sandbox; pure. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* All borrowed. */
struct unit {
	const char *name;   /* of the sandbox, as a file name */
	const char *sbx;    /* path */
	const char *folder; /* in which it is started */
	const char *user;   /* of a unit of the system, whose it is; NULL: of root, or of a user's manager */
	bool system;        /* else of a user's manager */
	const struct strv *words;
};

/* EINVAL: one of the texts can't be in a unit. */
int unit_write(const struct unit *unit, struct str *out, struct err *e) __attribute__((nonnull));
