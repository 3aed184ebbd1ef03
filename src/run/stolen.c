/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/stolen.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

enum { TEXT_SIZE = 32 * 1024 }; /* the lines of the processors come first: this is enough for 300 at least */

int64_t stolen_ns(const cpu_set_t *cpus)
{
	const int64_t tick = NS_PER_SECOND / sysconf(_SC_CLK_TCK);
	char text[TEXT_SIZE];
	int64_t sum = 0;
	int found = 0;

	if (fd_read_file(AT_FDCWD, "/proc/stat", text, sizeof text) <= 0)
		return -1;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		uint64_t steal;
		unsigned cpu;

		/* user, nice, system, idle, iowait, irq, softirq, steal: proc(5); the first line, "cpu ", is the sum */
		if (strncmp(line, "cpu ", 4) == 0 ||
		    sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &cpu, &steal) != 2 ||
		    cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, cpus))
			continue;
		sum += (int64_t)steal * tick;
		found++;
	}
	return found > 0 && found == CPU_COUNT(cpus) ? sum : -1;
}
