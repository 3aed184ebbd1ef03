/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup: where no systemd manages the groups (a user asks it for one), root makes /sys/fs/cgroup/sbx/UID and gives it
 * to the caller, who makes the sandboxes' groups below it, and enters its child `monitors`: the kernel lets a user
 * start a process only in a group beside its own. Of cgroup v2 alone: the owner of a v1 group can lift its limits. The
 * administrator's limits are kept: where the caller's own group or one above it has any, nothing is done. */
#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "gate/call.h"
#include "gate/gate.h"

/* At most size - 1 bytes, ended by NUL. */
static long read_text(long dir, const char *path, char *text, long size)
{
	long fd = gate_open(dir, path, O_RDONLY), n = fd < 0 ? fd : CALL(SYS_read, fd, text, size - 1);

	(void)CALL(SYS_close, fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* "8:16 rbps=1000", "0-3", "sev 5": a number is a limit; "max" or nothing is none. */
static bool has_number(const char *text)
{
	for (char before = '\n'; *text; before = *text++)
		if (*text >= '0' && *text <= '9' && (before == ' ' || before == '=' || before == '\n'))
			return true;
	return false;
}

static bool starts(const char *text, const char *start)
{
	while (*start)
		if (*text++ != *start++)
			return false;
	return *text == ' ' || (*text == '\n' && !text[1]);
}

/* A file that is not there limits nothing. One that can't be read, or not whole, may. `usual` is what it begins with
 * where nothing was set; NULL: no number is in it then. */
static bool is_set(long group, const char *name, const char *usual)
{
	char text[1024];
	long n = read_text(group, name, text, sizeof text);

	return n != -ENOENT && (n < 0 || n == sizeof text - 1 || (usual ? !starts(text, usual) : has_number(text)));
}

/* True if the administrator has set anything in a group that limits what is in it, or says what its share is. All files
 * of cgroup v2 that do. */
static bool is_limited(long group)
{
	static const char numbers[] =
		"memory.max\0memory.high\0memory.swap.max\0memory.swap.high\0memory.zswap.max\0pids.max\0io.max\0"
		"io.latency\0cpuset.cpus\0cpuset.mems\0rdma.max\0misc.max\0dmem.max\0cgroup.max.depth\0"
		"cgroup.max.descendants\0hugetlb.64KB.max\0hugetlb.64KB.rsvd.max\0hugetlb.2MB.max\0"
		"hugetlb.2MB.rsvd.max\0hugetlb.32MB.max\0hugetlb.32MB.rsvd.max\0hugetlb.512MB.max\0"
		"hugetlb.512MB.rsvd.max\0hugetlb.1GB.max\0hugetlb.1GB.rsvd.max\0hugetlb.16GB.max\0"
		"hugetlb.16GB.rsvd.max\0";
	bool set = is_set(group, "cpu.max", "max") || is_set(group, "cpu.weight", "100") ||
		   is_set(group, "cpu.uclamp.max", "max") || is_set(group, "io.weight", "default 100") ||
		   is_set(group, "io.prio.class", "no-change") || is_set(group, "io.bfq.weight", "default 100") ||
		   is_set(group, "cpu.idle", "0") || is_set(group, "cpuset.cpus.partition", "member");

	for (const char *name = numbers; *name && !set; name += gate_size(name) + 1)
		set = is_set(group, name, 0);
	return set;
}

/* From the group up to the root of all groups, which alone has no cgroup.type: in a container it is out of reach. */
static bool way_is_limited(long group)
{
	char type[32];
	long up;

	while (group >= 0) {
		bool root = read_text(group, "cgroup.type", type, sizeof type) == -ENOENT;

		if (root || is_limited(group)) {
			(void)CALL(SYS_close, group);
			return !root;
		}
		up = gate_open(group, "..", O_PATH | O_DIRECTORY);
		(void)CALL(SYS_close, group);
		group = up;
	}
	return true;
}

/* A group below, made if it is missing, with the controllers that there are. */
static long make(long parent, const char *name)
{
	static const char *const wanted[] = {"+memory +pids +cpu +cpuset +io", "+memory +pids +cpu", "+memory +pids"};
	long r = -1;

	for (int i = 0; i < 3 && r < 0; i++)
		r = gate_write(parent, "cgroup.subtree_control", wanted[i]);
	(void)CALL(SYS_mkdirat, parent, name, 0755);
	return r < 0 ? r : gate_open(parent, name, O_RDONLY | O_DIRECTORY);
}

void gate_cgroup(unsigned uid, unsigned gid)
{
	static const char *const files[] = {"", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"};
	long root = CALL(SYS_openat, AT_FDCWD, "/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
	long proc = CALL(SYS_openat, AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC), all, own, monitors;
	char text[4096], digits[11], *path = text + 4; /* the line is 0::/PATH */
	long n = read_text(proc, "cgroup", text, sizeof text);
	struct statfs fs;

	if (CALL(SYS_faccessat, AT_FDCWD, "/run/systemd/system", 0) == 0 || CALL(SYS_fstatfs, root, &fs) < 0 ||
	    (unsigned)fs.f_type != CGROUP2_SUPER_MAGIC || n < 5 || text[0] != '0' || text[n - 1] != '\n')
		return;
	text[n - 1] = '\0';
	if (way_is_limited(gate_open(root, *path ? path : ".", O_PATH | O_DIRECTORY)))
		return;
	all = make(root, "sbx");
	own = make(all, gate_digits(uid, digits));
	monitors = make(own, "monitors");
	if (monitors < 0 || gate_write(monitors, "cgroup.procs", "0") < 0)
		return;
	for (int i = 0; i < 4; i++)
		(void)CALL(SYS_fchownat, own, files[i], uid, gid, *files[i] ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH);
}
