/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* syscalls: the tables, and how they are searched; few words are looked up at a launch, so a scan is enough. */
#include "compile/syscalls.h"

#include "base/mem.h"
#include "base/str.h"
#include "compile/filter.h"
#include "policy/suggest.h"

const struct syscall_row syscall_rows[SYSCALL_COUNT] = {
#define C(name, x86_64, arm64, group, level, rule) {#name, x86_64, arm64, GROUP_##group, LEVEL_##level, RULE_##rule},
#include "compile/syscalls.def"
};

const struct syscall_old syscall_old[] = {
#define O(name, like) {#name, ROW_##like},
#include "compile/syscalls.def"
};
const size_t syscall_old_count = countof(syscall_old);

/* With the '@', for messages. */
static const char *const group_word[GROUP_COUNT] = {
#define G(group, word) [GROUP_##group] = "@" word,
#include "compile/syscalls.def"
};

enum syscall_id syscall_find(const char *name)
{
	for (unsigned i = 0; i < SYSCALL_COUNT; i++)
		if (syscall_rows[i].name[0] == name[0] && str_eq(syscall_rows[i].name, name))
			return (enum syscall_id)i;
	return SYSCALL_COUNT;
}

enum syscall_group syscall_find_group(const char *name)
{
	for (unsigned i = 0; i < GROUP_COUNT; i++)
		if (str_eq(group_word[i] + 1, name))
			return (enum syscall_group)i;
	return GROUP_COUNT;
}

bool syscall_group_grantable(enum syscall_group group)
{
	if (group == GROUP_UNIX || group == GROUP_INET || group == GROUP_NETLINK_ROUTE)
		return true;
	for (unsigned i = 0; i < SYSCALL_COUNT; i++)
		if (syscall_rows[i].group == group && syscall_grantable(&syscall_rows[i]))
			return true;
	return false;
}

const char *syscall_suggest(const char *typed)
{
	const char *name[SYSCALL_COUNT];

	if (typed[0] == '@')
		return suggest(typed, group_word, GROUP_COUNT);
	for (unsigned i = 0; i < SYSCALL_COUNT; i++)
		name[i] = syscall_rows[i].name;
	return suggest(typed, name, SYSCALL_COUNT);
}

const char *syscall_name(int number)
{
	for (unsigned i = 0; number >= 0 && i < SYSCALL_COUNT; i++)
		if (syscall_number(&syscall_rows[i]) == number)
			return syscall_rows[i].name;
	return NULL;
}

void syscall_names(struct strv *ret)
{
	size_t before = ret->count;

	for (unsigned i = 0; i < GROUP_COUNT; i++)
		if (syscall_group_grantable((enum syscall_group)i))
			strv_add(ret, group_word[i]);
	for (unsigned i = 0; i < SYSCALL_COUNT; i++)
		if (syscall_grantable(&syscall_rows[i]))
			strv_add(ret, syscall_rows[i].name);
	strv_sort(ret, before);
}
