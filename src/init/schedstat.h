/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* schedstat: what the scheduler counted for one thread, from /proc/PID/schedstat; also for sbx-init, which has no libc.
 */
#pragma once

#include <stdint.h>

#include "base/raw.h"

/* Nanoseconds since the thread was made; -1: not known. */
struct schedstat {
	int64_t ran_ns;    /* on a processor */
	int64_t waited_ns; /* ready to run, but without one; what it waits for now is counted when it gets one or ends
			    */
};

#define SCHEDSTAT_UNKNOWN                                                                                              \
	{                                                                                                              \
		-1, -1                                                                                                 \
	}

/* The file reads "RAN WAITED TURNS". Where it can't be read, *ret stays as it is. */
static inline void schedstat_read(int fd, struct schedstat *ret)
{
	char text[64];
	int64_t number[2] = {0, 0};
	long n = raw_call(SYS_pread64, fd, (long)text, sizeof text, 0, 0), field = 0;

	for (long i = 0; i < n && field < 2; i++)
		if (text[i] >= '0' && text[i] <= '9')
			number[field] = number[field] * 10 + (text[i] - '0');
		else
			field++;
	if (field == 2)
		*ret = (struct schedstat){number[0], number[1]};
}
