/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* syscalls: the rows of syscalls.def, found by name, by group and by number. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syscall_level { LEVEL_STRICT, LEVEL_DEFAULT, LEVEL_ASK, LEVEL_NESTED, LEVEL_NEVER, LEVEL_ABSENT };

enum syscall_group {
#define G(group, word) GROUP_##group,
#include "compile/syscalls.def"
	GROUP_COUNT
};

/* A number after the name: the argument that has the mode, for calls that differ only in that. */
enum syscall_rule {
	RULE_NONE,
	RULE_OPEN, /* no mode with S_ISUID or S_ISGID */
	RULE_OPENAT,
	RULE_MODE1,
	RULE_MODE2,
	RULE_NODE1, /* nor a device */
	RULE_NODE2,
	RULE_CLONE, /* no new namespaces */
	RULE_UNSHARE,
	RULE_PERSONALITY,
	RULE_SHMGET,
	RULE_SHMAT,
	RULE_SOCKET,
	RULE_SOCKETPAIR,
	RULE_IOCTL,
	RULE_PRCTL,
	RULE_SELF, /* of the caller itself (argument 0 is 0): pid 1 is of the same user, and would be ended by a limit
		      of its time; and so are others of the user, where there are no namespaces */
	RULE_WX,   /* no memory that is writable and executable at once */
	RULE_EXEC, /* no memory that becomes executable later: it may hold what was written */
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
#include "compile/syscalls.def"
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
