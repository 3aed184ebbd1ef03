/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel: what the kernel can do. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "base/fd.h"
#include "base/sys.h"
#include "host/parts.h"

enum { GET_MDWE = 66, LANDLOCK_VERSION = 1 };

int host_read_kernel(struct host *host, struct err *e)
{
	struct utsname name;
	cpu_set_t cpus;
	char text[32];
	long abi;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &host->kernel[0], &host->kernel[1]) != 2)
		return err_set(e, ENOSYS, "the kernel does not tell its version");
	if (host->kernel[0] < 5 || (host->kernel[0] == 5 && host->kernel[1] < 14))
		return err_set(e, ENOSYS, "Linux %u.%u is too old: sbx needs 5.14 or newer", host->kernel[0],
			       host->kernel[1]);
	(void)snprintf(host->machine, sizeof host->machine, "%.15s", name.machine);
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	host->landlock_abi = abi > 0 ? (int)abi : 0;
	host->mdwe = prctl(GET_MDWE, 0, 0, 0, 0) >= 0;
	host->cpus = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
	host->user_namespaces = UINT64_MAX; /* where it can't be read, the clone tells */
	if (fd_read_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces", text, sizeof text) > 0)
		host->user_namespaces = strtoull(text, NULL, 10);
	host->no_userns_clone =
		fd_read_file(AT_FDCWD, "/proc/sys/kernel/unprivileged_userns_clone", text, sizeof text) > 0 &&
		strtoull(text, NULL, 10) == 0;
	return 0;
}
