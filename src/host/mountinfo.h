/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mountinfo: a line of /proc/PID/mountinfo, proc(5); pure. */
#pragma once

#include <stdbool.h>

/* What is wanted of it, all parts of the line. */
struct mountinfo {
	char *root, *point; /* what of its file system is mounted, and where */
	char *type;
	char *options; /* of the file system */
};

/* Takes the line apart, which is changed. False: it is none. */
bool mountinfo_take(char *line, struct mountinfo *ret) __attribute__((nonnull));
