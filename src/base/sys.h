/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sys: system calls and constants that libc of Debian 12 has no wrapper for; -1 and errno on failure, as libc's own. */
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x04
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP UINT64_C(0x200000000)
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* mount_setattr(2); the values are the kernel's and appear in plans. */
enum {
	ATTR_RDONLY = 0x1,
	ATTR_NOSUID = 0x2,
	ATTR_NODEV = 0x4,
	ATTR_NOEXEC = 0x8,
	ATTR_NOSYMFOLLOW = 0x200000,
};

struct sys_mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

struct sys_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
		cgroup;
};

static inline int sys_open_tree(int dir, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dir, path, flags);
}

/* Onto `name` below `dir`; a link as its last name is not followed. */
static inline int sys_move_mount(int from, int dir, const char *name)
{
	return (int)syscall(SYS_move_mount, from, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
}

static inline int sys_mount_setattr(int fd, unsigned flags, const struct sys_mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, attr, sizeof *attr);
}

static inline int sys_fsopen(const char *type)
{
	return (int)syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
}

static inline int sys_fsconfig_string(int fs, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fs, 1 /* FSCONFIG_SET_STRING */, key, value, 0);
}

static inline int sys_fsconfig_flag(int fs, const char *key)
{
	return (int)syscall(SYS_fsconfig, fs, 0 /* FSCONFIG_SET_FLAG */, key, NULL, 0);
}

static inline int sys_fsconfig_create(int fs)
{
	return (int)syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0);
}

static inline int sys_fsmount(int fs, unsigned attr)
{
	return (int)syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, attr);
}

static inline int sys_openat2(int dir, const char *path, uint64_t flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

enum { SYS_CLOSE_RANGE_CLOEXEC = 4 };
