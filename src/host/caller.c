/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* caller: who called sbx, from where, with what. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "host/parts.h"

/* fgetpwent reads one file: no name service is loaded, which a static program could not do safely. */
static void read_passwd(struct host *host)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry;

	if (!file)
		return;
	while ((entry = fgetpwent(file))) {
		if (entry->pw_uid != host->uid)
			continue;
		host->user = xstrdup(entry->pw_name);
		host->home = host_absolute(entry->pw_dir, strlen(entry->pw_dir));
		break;
	}
	(void)fclose(file);
}

/* The environment only speaks for users that /etc/passwd does not know (a directory service). */
static void home_from_environment(struct host *host)
{
	const char *value = host_env(host, "HOME");
	autofree char *home = value ? host_absolute(value, strlen(value)) : NULL;
	struct stat st;

	if (!host->user)
		host->user = xasprintf("%u", host->uid);
	if (!host->home && home && stat(home, &st) == 0 && st.st_uid == host->uid)
		host->home = take(home);
}

static void read_ranges(const char *path, struct id_range ranges[8], uint32_t own)
{
	char text[1024], *p = text;
	unsigned first, outside, count;
	int used;

	ranges[0] = (struct id_range){.first = own, .count = 1};
	if (fd_read_file(AT_FDCWD, path, text, sizeof text) <= 0)
		return;
	for (int i = 0; i < 7 && sscanf(p, "%u %u %u%n", &first, &outside, &count, &used) == 3; i++, p += used)
		ranges[i] = (struct id_range){.first = first, .count = count};
}

static int may_map_ids(bool *ret, struct err *e)
{
	const uint32_t wanted = 1U << CAP_SETUID | 1U << CAP_SETGID | 1U << CAP_SYS_ADMIN | 1U << CAP_CHOWN;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	char setgroups[8] = "";

	/* root of a user namespace that an ordinary user made: no other id is there to become */
	if (fd_read_file(AT_FDCWD, "/proc/self/setgroups", setgroups, sizeof setgroups) > 0 &&
	    str_starts(setgroups, "deny"))
		return false;
	/* taken for a no, a failure would give the payload of root another identity */
	if (syscall(SYS_capget, &header, data) < 0)
		return err_errno(e, errno, "read the capabilities of the caller");
	*ret = (data[0].effective & wanted) == wanted;
	return 0;
}

static enum stdio_kind kind_of(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	/* input that can't be read: for a setuid program libc puts one in the place of a closed fd 0 */
	if (flags < 0 || fstat(fd, &st) < 0 || (fd == 0 && (flags & O_ACCMODE) == O_WRONLY))
		return STDIO_CLOSED;
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return STDIO_NULL;
	return S_ISCHR(st.st_mode) && isatty(fd) ? STDIO_TERMINAL : STDIO_OTHER;
}

void host_read_here(struct host *host)
{
	char cwd[PATH_MAX];

	free(host->cwd);
	host->cwd = getcwd(cwd, sizeof cwd) && cwd[0] == '/' ? xstrdup(cwd) : NULL;
	for (int fd = 0; fd < 3; fd++)
		host->stdio[fd] = kind_of(fd);
	host_name_services(host);
}

int host_read_caller(struct host *host, struct err *e)
{
	struct rlimit limit;
	int count = getgroups(0, NULL);

	host->uid = getuid();
	host->euid = geteuid();
	host->gid = getgid();
	if (count < 0)
		return err_errno(e, errno, "read the groups of the caller");
	host->groups = xcalloc((size_t)count, sizeof *host->groups);
	count = getgroups(count, host->groups);
	if (count < 0)
		return err_errno(e, errno, "read the groups of the caller");
	host->group_count = (size_t)count;
	read_passwd(host);
	home_from_environment(host);
	host_read_here(host);
	if (may_map_ids(&host->maps_ids, e) < 0)
		return -e->code;
	read_ranges("/proc/self/uid_map", host->uid_range, host->uid);
	read_ranges("/proc/self/gid_map", host->gid_range, host->gid);
	host->nofile = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 1024;
	return 0;
}
