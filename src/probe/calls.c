/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calls: does the kernel itself answer to a system call? */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

#define BAD (-1L)

static const struct {
	const char *name;
	long number, argument[6];
} calls[] = {
#define CALL(name, a, b, c, d, e, f) {#name, SYS_##name, {a, b, c, d, e, f}},
#include "probe/calls.def"
#undef CALL
};

int try_call(const char *what, char identity[IDENTITY_SIZE])
{
	(void)identity;
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
		const long *a = calls[i].argument;

		if (strcmp(calls[i].name, what) != 0)
			continue;
		if (syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]) >= 0)
			return 0;
		/* so a filter answers, and so does the kernel to who has no right to the call: it is closed either way
		 */
		return errno == EPERM || errno == ENOSYS || errno == EACCES ? errno : 0;
	}
	return ENOENT;
}
