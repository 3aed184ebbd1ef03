/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernels: file systems that show the host's processes or its kernel, wherever they are mounted. Not sysfs: parts of it
 * are shown on purpose. */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/mem.h"
#include "host/mountinfo.h"
#include "host/tree.h"

static const struct {
	const char *name;
	unsigned magic;
} types[] = {{"proc", PROC_SUPER_MAGIC},       {"debugfs", DEBUGFS_MAGIC}, {"tracefs", TRACEFS_MAGIC},
	     {"securityfs", SECURITYFS_MAGIC}, {"bpf", BPF_FS_MAGIC},      {"mqueue", 0x19800202}};

bool tree_is_kernels(const struct host *host, const char *path)
{
	struct statfs fs;

	(void)host;
	if (statfs(path, &fs) < 0)
		return false;
	for (size_t i = 0; i < countof(types); i++)
		if ((unsigned)fs.f_type == types[i].magic)
			return true;
	return false;
}

static bool is_type(const char *name)
{
	for (size_t i = 0; i < countof(types); i++)
		if (str_eq(name, types[i].name))
			return true;
	return false;
}

int tree_kernels(const struct host *host, struct strv *ret)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	autofree char *line = NULL;
	size_t size = 0;
	int r;

	(void)host;
	if (!file)
		return -errno;
	while (getline(&line, &size, file) >= 0) {
		struct mountinfo mount;

		if (mountinfo_take(line, &mount) && is_type(mount.type))
			strv_add(ret, mount.point);
	}
	r = feof(file) ? 0 : -EIO;
	(void)fclose(file);
	return r;
}
