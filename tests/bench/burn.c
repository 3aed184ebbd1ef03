/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* burn: uses processor time, and knows how much.
 *
 *   burn MS     that many milliseconds; prints by its own clock how many nanoseconds it really was since main, and how
 *               many before: to make and execute it, and for libc to start
 *   burn        without an end */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t used(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	int64_t start = used(), until = argc > 1 ? start + strtoll(argv[1], NULL, 10) * 1000000 : INT64_MAX, now;

	do {
		for (volatile int i = 0; i < 10000; i++) /* to ask for the time is a system call: not too often */
			;
		now = used();
	} while (now < until);
	(void)printf("%" PRId64 " %" PRId64 "\n", now - start, start);
	return 0;
}
