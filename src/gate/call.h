/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* call: what the two files of the gate share. Results are those of the kernel: negative errno on failure. */
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>

#include "base/raw.h"

#define CALL5(number, a, b, c, d, e, ...) raw_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define CALL(...) CALL5(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* Below `dir`: no link is followed, and no mount is crossed or left. */
static inline long gate_open(long dir, const char *path, unsigned long flags)
{
	const struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};

	return CALL(SYS_openat2, dir, path, &how, sizeof how);
}

static inline long gate_size(const char *text)
{
	long size = 0;

	while (text[size])
		size++;
	return size;
}

/* A whole text, by one call. */
static inline long gate_write(long dir, const char *path, const char *text)
{
	long fd = gate_open(dir, path, O_WRONLY), r = fd < 0 ? fd : CALL(SYS_write, fd, text, gate_size(text));

	(void)CALL(SYS_close, fd);
	return r;
}

/* The number's digits, at the end of `buf`, ended by NUL. */
static inline char *gate_digits(unsigned number, char buf[11])
{
	char *p = buf + 10;

	for (*p = '\0'; p == buf + 10 || number; number /= 10)
		*--p = (char)('0' + number % 10);
	return p;
}
