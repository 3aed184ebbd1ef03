/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* counters: whether instructions can be counted, by trying. */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "host/host.h"

int host_try_counters(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
				       .size = sizeof attr,
				       .config = PERF_COUNT_HW_INSTRUCTIONS,
				       .disabled = 1,
				       .exclude_kernel = 1,
				       .exclude_hv = 1};
	autoclose int fd = -1;
	char text[32];

	/* 3, which is Debian's: not without CAP_PERFMON, which nobody has in a sandbox */
	if (fd_read_file(AT_FDCWD, "/proc/sys/kernel/perf_event_paranoid", text, sizeof text) > 0 &&
	    strtol(text, NULL, 10) > 2)
		return EACCES;
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? errno : 0;
}
