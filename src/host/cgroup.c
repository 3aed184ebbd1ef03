/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup: where below the caller's own cgroups a limit can be put, so that the limits above it still bind. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "host/cgroup-path.h"
#include "host/host.h"

enum { TEXT_SIZE = 1 << 18 };
#define BIT(controller) (1U << (controller))

/* CG_CPUACCT has no controller on v2: every group accounts. */
static const struct {
	const char *v1, *v2;
} names[CG_CONTROLLERS] = {
	[CG_MEMORY] = {"memory", "memory"}, [CG_PIDS] = {"pids", "pids"},       [CG_CPU] = {"cpu", "cpu"},
	[CG_CPUACCT] = {"cpuacct", NULL},   [CG_CPUSET] = {"cpuset", "cpuset"}, [CG_IO] = {"blkio", "io"},
};

static bool has_file(const char *folder, const char *name, int mode)
{
	autofree char *path = xasprintf("%s/%s", folder, name);

	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* The file's text, "" if it can't be read. */
static char *text_of(const char *folder, const char *name)
{
	autofree char *path = xasprintf("%s/%s", folder, name);
	autofree char *text = xmalloc(TEXT_SIZE);

	return fd_read_file(AT_FDCWD, path, text, TEXT_SIZE) > 0 ? xstrdup(text) : xstrdup("");
}

static bool is_type(const char *folder, unsigned magic)
{
	struct statfs st;

	return statfs(folder, &st) == 0 && (unsigned)st.f_type == magic;
}

static bool can_make_child(const char *folder)
{
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 && has_file(folder, "cgroup.procs", W_OK);
}

static unsigned controllers_in(const char *folder, const char *file)
{
	autofree char *list = text_of(folder, file);
	unsigned bits = 0;

	for (int i = 0; i < CG_CONTROLLERS; i++)
		if (names[i].v2 && cgroup_word(list, " \n", names[i].v2))
			bits |= BIT(i);
	return bits;
}

/* A group with processes gives its children no controllers, except the root (which alone has no cgroup.type). A group
 * whose only process is this one can be made empty: run/cgroup.c moves it into a child while the sandbox lives. */
static bool can_enable(const char *folder)
{
	autofree char *processes = text_of(folder, "cgroup.procs"), *own = xasprintf("%d\n", getpid());

	if (!has_file(folder, "cgroup.subtree_control", W_OK))
		return false;
	return !*processes || str_eq(processes, own) || !has_file(folder, "cgroup.type", F_OK);
}

static unsigned v2_controllers(const char *folder)
{
	if (!is_type(folder, CGROUP2_SUPER_MAGIC) || !can_make_child(folder))
		return 0;
	return controllers_in(folder, can_enable(folder) ? "cgroup.controllers" : "cgroup.subtree_control") |
	       BIT(CG_CPUACCT);
}

/* systemd marks what it leaves to others; in the rest it alone may make groups. */
static bool is_delegated(const char *folder, size_t mount_len)
{
	autofree char *path = xstrdup(folder);
	char value[8] = "";

	while (strlen(path) > mount_len) {
		if (getxattr(path, "user.delegate", value, sizeof value - 1) > 0 && value[0] == '1')
			return true;
		if (getxattr(path, "trusted.delegate", value, sizeof value - 1) > 0 && value[0] == '1')
			return true;
		*strrchr(path, '/') = '\0';
	}
	return false;
}

/* The group that offers most, the nearest of equals: the caller's own or one above it. */
static unsigned best_v2(const char *own, const char *mount, bool only_delegated, char **ret_folder)
{
	autofree char *path = xstrdup(own);
	unsigned best = 0;

	for (size_t len = strlen(mount); strlen(path) >= len; *strrchr(path, '/') = '\0') {
		unsigned bits = only_delegated && !is_delegated(path, len) ? 0 : v2_controllers(path);

		if (__builtin_popcount(bits) > __builtin_popcount(best)) {
			mem_free_ptr(ret_folder);
			*ret_folder = xstrdup(path);
			best = bits;
		}
		if (strlen(path) == len)
			break;
	}
	return best;
}

/* The private socket of systemd, of the system's for root, of the user's for others; it needs no D-Bus daemon. */
static bool has_scopes(const struct host *host, const char *mount)
{
	autofree char *socket = host->euid == 0 ? xstrdup("/run/systemd/private")
				: host->runtime ? xasprintf("%s/systemd/private", host->runtime)
						: NULL;
	struct stat st;

	if (!socket || !host->helper_folder || !has_file(host->helper_folder, "sbx-scope", X_OK))
		return false;
	if (stat(socket, &st) < 0 || !S_ISSOCK(st.st_mode) || st.st_uid != host->euid)
		return false;
	return (controllers_in(mount, "cgroup.controllers") & BIT(CG_MEMORY)) != 0;
}

static void set_places(struct host *host, enum cgroup_kind kind, unsigned bits, const char *folder)
{
	for (int i = 0; i < CG_CONTROLLERS; i++) {
		struct cgroup_place *place = &host->cgroup[i];

		if (!(bits & BIT(i)))
			continue;
		place->kind = kind;
		place->folder = folder ? xstrdup(folder) : NULL;
		place->swap =
			i == CG_MEMORY && access("/proc/swaps", F_OK) == 0; /* v2: the file is there if swap can be */
	}
}

static void read_v2(struct host *host, const char *cgroups, const char *mounts)
{
	autofree char *mount = NULL, *own = cgroup_folder(cgroups, mounts, NULL, &mount), *folder = NULL;
	const unsigned least = BIT(CG_MEMORY) | BIT(CG_PIDS), of_user = least | BIT(CG_CPU) | BIT(CG_CPUACCT);
	bool scopes;
	unsigned bits;

	if (!own)
		return;
	scopes = has_scopes(host, mount);
	bits = best_v2(own, mount, scopes && host->euid == 0, &folder);
	if (scopes && (bits & least) != least)
		set_places(host, CGROUP_SCOPE, host->euid ? of_user : BIT(CG_CONTROLLERS) - 1, NULL);
	else if (bits)
		set_places(host, CGROUP_V2, bits, folder);
}

/* Only for root: v1 groups can't be given to others safely. */
static void read_v1(struct host *host, const char *cgroups, const char *mounts)
{
	for (int i = 0; i < CG_CONTROLLERS; i++) {
		struct cgroup_place *place = &host->cgroup[i];
		autofree char *folder = cgroup_folder(cgroups, mounts, names[i].v1, NULL);

		/* any v2 group accounts; but where memory is limited by v1, one hierarchy more would buy nothing */
		if (!folder ||
		    (place->kind != CGROUP_NONE && (i != CG_CPUACCT || host->cgroup[CG_MEMORY].kind != CGROUP_V1)))
			continue;
		if (!is_type(folder, CGROUP_SUPER_MAGIC) || !can_make_child(folder))
			continue;
		mem_free_ptr(&place->folder);
		*place = (struct cgroup_place){.kind = CGROUP_V1, .folder = take(folder)};
		place->swap = i == CG_MEMORY && has_file(place->folder, "memory.memsw.limit_in_bytes", F_OK);
	}
}

/* MAJOR:MINOR of the whole disk below `folder`, as io.max wants it; "" for what lies on no single disk. */
static void read_disk(const char *folder, char *ret, size_t size)
{
	autofree char *sys = NULL, *device = NULL;
	struct stat st;

	ret[0] = '\0';
	if (stat(folder, &st) < 0 || major(st.st_dev) == 0)
		return;
	sys = xasprintf("/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	device = text_of(sys, has_file(sys, "partition", F_OK) ? "../dev" : "dev");
	device[strcspn(device, "\n")] = '\0';
	if (strlen(device) < size)
		memcpy(ret, device, strlen(device) + 1);
}

int host_read_cgroups(struct host *host, struct err *e)
{
	autofree char *cgroups = text_of("/proc/self", "cgroup"), *mounts = text_of("/proc/self", "mountinfo");
	autofree char *swaps = text_of("/proc", "swaps");
	const char *line = strchr(swaps, '\n');

	if (!*mounts) {
		(void)err_set(e, ENOENT, "'/proc/self/mountinfo' can't be read");
		return err_hint(e, "sbx needs /proc to be mounted");
	}
	read_v2(host, cgroups, mounts);
	read_v1(host, cgroups, mounts);
	host->swap_on = line && line[1];
	if (host->cwd)
		read_disk(host->cwd, host->io_disk, sizeof host->io_disk);
	return 0;
}
