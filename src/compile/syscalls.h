/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* syscalls: the rows of syscalls.def, found by name, by group and by number. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syscall_level { LEVEL_STRICT, LEVEL_DEFAULT, LEVEL_ASK, LEVEL_NESTED, LEVEL_NEVER, LEVEL_ABSENT };

/* The words after '@'. @unix, @inet and @netlink-route are families of sockets, with the calls of @socket. */
#define SYSCALL_GROUPS(G) \
	G(BASE, "base") G(FILE, "file") G(FILE_WRITE, "file-write") G(XATTR, "xattr") \
	G(PROCESS, "process") G(CREDENTIALS, "credentials") G(THREAD, "thread") G(SIGNAL, "signal") \
	G(TIME, "time") G(MEMORY, "memory") G(JIT, "jit") G(EVENT, "event") G(AIO, "aio") \
	G(IPC_POSIX, "ipc-posix") G(IPC_SYSV, "ipc-sysv") G(SOCKET, "socket") G(TTY, "tty") \
	G(SCHED, "sched") G(NUMA, "numa") G(SANDBOX_SELF, "sandbox-self") G(DEBUG, "debug") \
	G(COMPAT32, "compat32") G(NESTED_NS, "nested-ns") G(KEYRING, "keyring") G(IOURING, "iouring") \
	G(PERF, "perf") G(FOREIGN, "foreign") G(MOUNT, "mount") G(HOST, "host") G(OBSOLETE, "obsolete") \
	G(UNIX, "unix") G(INET, "inet") G(NETLINK_ROUTE, "netlink-route")

enum syscall_group {
#define G(id, name) GROUP_##id,
	SYSCALL_GROUPS(G)
#undef G
	GROUP_COUNT
};

/* A number after the name: the argument that has the mode, for calls that differ only in that. */
enum syscall_rule {
	RULE_NONE,
	RULE_OPEN,   /* no mode with S_ISUID or S_ISGID */
	RULE_OPENAT,
	RULE_MODE1,
	RULE_MODE2,
	RULE_NODE1,  /* nor a device */
	RULE_NODE2,
	RULE_CLONE,  /* no new namespaces */
	RULE_UNSHARE,
	RULE_PERSONALITY,
	RULE_SHMGET,
	RULE_SHMAT,
	RULE_SOCKET,
	RULE_SOCKETPAIR,
	RULE_IOCTL,
	RULE_PRCTL,
	RULE_WX,     /* no memory that is writable and executable at once */
	RULE_COUNT
};

/* The name within the row: a table without pointers needs no work of the loader. */
struct syscall_row {
	char name[24];
	int16_t x86_64, arm64;
	uint8_t group, level, rule;
};

enum syscall_id {
#define C(name, x86_64, arm64, group, level, rule) ROW_##name,
#define O(name, like)
#include "compile/syscalls.def"
#undef C
#undef O
	SYSCALL_COUNT
};
extern const struct syscall_row syscall_rows[SYSCALL_COUNT];

/* Calls that only the 32-bit x86 table has. */
struct syscall_old {
	char name[30];
	uint16_t like; /* enum syscall_id */
};
extern const struct syscall_old syscall_old[];
extern const size_t syscall_old_count;

/* SYSCALL_COUNT if there is none. */
enum syscall_id syscall_find(const char *name) __attribute__((nonnull));
/* `name` without '@'; GROUP_COUNT if there is none. */
enum syscall_group syscall_find_group(const char *name) __attribute__((nonnull));
/* True if a profile can grant the call, or at least one call of the group. */
static inline bool syscall_grantable(const struct syscall_row *row)
{
	return row->level <= LEVEL_ASK;
}
bool syscall_group_grantable(enum syscall_group group);

/* The number on the machine that sbx is built for; -1 if it has no such call. */
static inline int syscall_number(const struct syscall_row *row)
{
#if defined __x86_64__
	return row->x86_64;
#elif defined __aarch64__
	return row->arm64;
#else
#error "the table of system calls has no numbers for this machine"
#endif
}

/* A name or @group near to `typed`, or NULL. */
const char *syscall_suggest(const char *typed) __attribute__((nonnull));
