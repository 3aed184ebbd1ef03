/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gate: the only code that runs as root when sbx is installed setuid root (./configure --enable-setuid).
 *
 *   the caller ──execve──> sbx, uid 0, before main and before any constructor of a library
 *      1. refuses odd starts; opens /dev/null where 0, 1 or 2 is closed; closes all other fds
 *      2. makes a cgroup for the caller (cgroup.c), where that takes nothing from the administrator
 *      3. makes a user namespace, which root owns: forks the mapper, unshares; the mapper, root outside, maps the ids
 *      4. becomes the caller for good, with four capabilities that count in that namespace only, looks at that,
 *         and closes all fds but 0 to 2
 *   main: the ordinary launcher, as the caller, in the namespace. No process is root any more.
 *
 * Raw system calls only: no libc, no allocation, no environment, no path in which the caller has a say. Whatever fails
 * ends the process. The namespace is root's: so the caller can't look into or trace what runs in it, though the ids are
 * the same. */
#include "gate/gate.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/coverage.h"
#include "gate/call.h"

/* What 0 of the namespace is outside: nobody. The kernel makes terminals only where 0 is mapped; to become it needs
 * CAP_SETUID, which is given up here. */
#define MAP_OF_ZERO "0 4294967294 1\n"
/* For mounts; the loopback interface; the number of namespaces; to empty the payload's bounding set. */
enum { KEPT = 1 << CAP_SYS_ADMIN | 1 << CAP_NET_ADMIN | 1 << CAP_SYS_RESOURCE | 1 << CAP_SETPCAP, FAILED = 125 };

static bool passed;

bool gate_passed(void)
{
	return passed;
}

static void end(int status) __attribute__((noreturn));
static void end(int status)
{
	coverage_keep();
	for (;;)
		(void)CALL(SYS_exit_group, status);
}

static void must(bool good, const char *text)
{
	if (good)
		return;
	(void)CALL(SYS_write, 2, text, gate_size(text));
	end(FAILED);
}

/* Maps the id onto itself, and 0 onto nobody, unless it is 0 (a group may be). */
static long map(long self, const char *file, unsigned id)
{
	char buf[11], text[64], *p = text;
	const char *digits = gate_digits(id, buf), *parts[] = {digits, " ", digits, " 1\n", id ? MAP_OF_ZERO : ""};

	for (int i = 0; i < 5; i++)
		for (const char *from = parts[i]; *from;)
			*p++ = *from++;
	*p = '\0';
	return gate_write(self, file, text);
}

/* In the child: when the other end of the pipe has been closed. "deny": the groups that the caller has stay as they
 * are. */
static void mapper(long self, const int pipe[2], unsigned uid, unsigned gid) __attribute__((noreturn));
static void mapper(long self, const int pipe[2], unsigned uid, unsigned gid)
{
	char byte;

	end(CALL(SYS_close, pipe[1]) == 0 && CALL(SYS_read, pipe[0], &byte, 1) == 0 &&
			    gate_write(self, "setgroups", "deny") > 0 && map(self, "gid_map", gid) > 0 &&
			    map(self, "uid_map", uid) > 0
		    ? 0
		    : FAILED);
}

static void user_namespace(unsigned uid, unsigned gid)
{
	/* the folder of this process, in the child too */
	long self = CALL(SYS_openat, AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC), child, r;
	int pipe[2], status = -1;
	struct statfs fs;

	must(CALL(SYS_fstatfs, self, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC, "sbx: gate: /proc is not there\n");
	must(CALL(SYS_pipe2, pipe, O_CLOEXEC) == 0, "sbx: gate: no pipe can be made\n");
	child = CALL(SYS_clone, 0); /* no signal at its end: the caller may have it ignored */
	must(child >= 0, "sbx: gate: no process can be made\n");
	if (child == 0)
		mapper(self, pipe, uid, gid);
	must(CALL(SYS_unshare, CLONE_NEWUSER) == 0,
	     "sbx: gate: not even root may make a user namespace here: user.max_user_namespaces is 0, or there is a "
	     "system call filter or a chroot around\n");
	must(CALL(SYS_close, pipe[1]) == 0, "sbx: gate: the pipe can't be closed\n");
	do
		r = CALL(SYS_wait4, child, &status, __WALL);
	while (r == -EINTR);
	must(r == child && status == 0, "sbx: gate: the ids can't be mapped\n");
}

static bool all_are(const unsigned ids[3], unsigned id)
{
	return ids[0] == id && ids[1] == id && ids[2] == id;
}

/* Neither the ids nor the rights by which they could be changed are left. */
static bool is_caller(unsigned uid, unsigned gid)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct cap[2];
	unsigned u[3], g[3];

	return CALL(SYS_getresuid, &u[0], &u[1], &u[2]) == 0 && all_are(u, uid) &&
	       CALL(SYS_getresgid, &g[0], &g[1], &g[2]) == 0 && all_are(g, gid) &&
	       CALL(SYS_setresuid, 0, 0, 0) == -EPERM && CALL(SYS_setgroups, 0, 0) == -EPERM &&
	       CALL(SYS_capget, &header, cap) == 0 && cap[0].effective == KEPT && cap[0].permitted == KEPT &&
	       !cap[0].inheritable && !cap[1].effective && !cap[1].permitted && !cap[1].inheritable;
}

static void become_caller(unsigned uid, unsigned gid)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct cap[2] = {{.effective = KEPT, .permitted = KEPT}};
	long r = 0;

	must(CALL(SYS_setresgid, gid, gid, gid) == 0 && CALL(SYS_setresuid, uid, uid, uid) == 0,
	     "sbx: gate: root can't be given up\n");
	for (int i = 0; i < 64 && r == 0; i++)
		r = CALL(SYS_prctl, PR_CAPBSET_DROP, i);
	must((r == 0 || r == -EINVAL) && CALL(SYS_capset, &header, cap) == 0, /* EINVAL: after the last one */
	     "sbx: gate: the capabilities can't be given up\n");
	must(CALL(SYS_prctl, PR_SET_DUMPABLE, 0) == 0 && CALL(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1) == 0 &&
		     CALL(SYS_close_range, 3, ~0U, 0) == 0,
	     "sbx: gate: prctl or close_range\n");
	must(is_caller(uid, gid), "sbx: gate: root was not given up\n");
}

static void enter(int argc, char **argv)
{
	unsigned uid = (unsigned)CALL(SYS_getuid), gid = (unsigned)CALL(SYS_getgid), euid = (unsigned)CALL(SYS_geteuid);
	long fd;

	must(gid == (unsigned)CALL(SYS_getegid) && (euid == uid || euid == 0),
	     "sbx: must not be installed setgid, or setuid for another user than root\n");
	if (euid == uid)
		return; /* an ordinary program: there is nothing to give up */
	do
		fd = CALL(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_NOCTTY);
	while (fd >= 0 && fd < 3);
	must(fd >= 0 && CALL(SYS_close_range, 3, ~0U, 0) == 0, "sbx: gate: /dev/null or close_range\n");
	must(argc >= 1 && argv[0] && argv[0][0], "sbx: started without a name (an empty argv[0])\n");
	(void)CALL(SYS_umask, 022);
	gate_cgroup(uid, gid);
	user_namespace(uid, gid);
	become_caller(uid, gid);
	passed = true;
}

/* Before the constructors of the libraries, which would run as root. */
static void (*const before_all)(int, char **) __attribute__((section(BEFORE_ALL), used)) = enter;
