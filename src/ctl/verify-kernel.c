/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-kernel: the ways into the kernel, the rights of a process, and what it is given in its environment. */
#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"
#include "compile/syscalls.h"
#include "ctl/verify.h"

/* The line that set it, or NULL if it has its default. The text is in `buf`. */
static const char *line_of(const struct planned *planned, enum setting_id id, char buf[512])
{
	const struct entry *entry = &planned->policy.entry[id];

	if (!entry->count || !entry->v[entry->count - 1].origin.file)
		return NULL;
	return origin_text(entry->v[entry->count - 1].origin, buf, 512);
}

static const char *line_if(const struct planned *planned, bool asked, enum setting_id id, char buf[512])
{
	return asked ? line_of(planned, id, buf) : NULL;
}

static bool no_filter(const struct planned *planned)
{
	return policy_is(&planned->policy, SET_syscalls_base, "none");
}

/* The value of syscalls.allow that has the call, by its name or its group. */
static const struct value *allowed(const struct planned *planned, const struct syscall_row *row)
{
	const struct entry *list = &planned->policy.entry[SET_syscalls_allow];

	for (size_t i = 0; row && i < list->count; i++) {
		const char *word = list->v[i].text;

		if (word[0] == '@' ? syscall_find_group(word + 1) == row->group : str_eq(word, row->name))
			return &list->v[i];
	}
	return NULL;
}

static struct item *add(struct items *items, const char *verb, const char *name, const char *why)
{
	struct item *item = items_add(items, GROUP_KERNEL, verb, name);

	items_way(item, name, why, 0);
	return item;
}

static void calls(struct items *items, const struct planned *planned)
{
	static const char *const names[] = {
#define CALL(name, a, b, c, d, e, f) #name,
#include "probe/calls.def"
#undef CALL
	};
	bool nested = policy_number(&planned->policy, SET_process_nested_namespaces, 0) > 0;
	char buf[512];

	for (size_t i = 0; i < countof(names); i++) {
		enum syscall_id id = syscall_find(names[i]);
		const struct syscall_row *row = id < SYSCALL_COUNT ? &syscall_rows[id] : NULL;
		const struct value *value = allowed(planned, row);
		bool of_nested = nested && row && row->level == LEVEL_NESTED;
		struct item *item;

		if (no_filter(planned))
			item = add(items, "call", names[i], line_of(planned, SET_syscalls_base, buf));
		else if (value)
			item = add(items, "call", names[i], origin_text(value->origin, buf, sizeof buf));
		else
			item = add(items, "call", names[i],
				   line_if(planned, of_nested, SET_process_nested_namespaces, buf));
		item->sentence = "can make the system call";
		if (no_filter(planned))
			item->danger = "it leads to parts of the kernel where faults are found again and again";
	}
}

static void namespaces(struct items *items, const struct planned *planned)
{
	bool nested = policy_number(&planned->policy, SET_process_nested_namespaces, 0) > 0;
	char buf[512];
	const char *why = line_if(planned, nested, SET_process_nested_namespaces, buf);
	struct item *item;

	item = add(items, "namespace", "user", why);
	item->sentence = "can make namespaces:";
	item->danger = "inside it is root, before parts of the kernel that only root reaches";
	item = add(items, "namespace", "mount", why);
	item->sentence = "can make namespaces:";
	item->danger = "inside it is root, and mounts";
}

static void tables(struct items *items, const struct planned *planned)
{
	bool x86 = policy_has(&planned->policy, SET_syscalls_architectures, "x86");
	bool code = policy_number(&planned->policy, SET_process_writable_code, 0) > 0;
	char buf[512];
	const char *none = line_if(planned, no_filter(planned), SET_syscalls_base, buf);
	struct item *item;

	item = add(items, "table", "i386", x86 ? line_of(planned, SET_syscalls_architectures, buf) : none);
	item->sentence = "can make system calls of the table";
	none = line_if(planned, no_filter(planned), SET_syscalls_base, buf);
	item = add(items, "table", "x32", none);
	item->sentence = "can make system calls of the table";
	item = add(items, "code", "writable and executable",
		   code ? line_of(planned, SET_process_writable_code, buf) : none);
	item->sentence = "can have memory that is";
}

static void files(struct items *items)
{
	static const char *const paths[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
					    "/proc/sys/kernel/hostname",     "/proc/sys/vm/drop_caches",
					    "/proc/sysrq-trigger",           "/sys/power/state",
					    "/sys/kernel/uevent_helper"};

	for (size_t i = 0; i < countof(paths); i++)
		add(items, "kernel-file", paths[i], NULL)->sentence = "can set";
}

static void families(struct items *items, const struct planned *planned)
{
	static const char *const names[] = {"packet", "raw"};
	char buf[512];

	for (size_t i = 0; i < countof(names); i++) {
		struct item *item =
			add(items, "family", names[i], line_if(planned, no_filter(planned), SET_syscalls_base, buf));

		item->sentence = "can make sockets of the kind";
		item->danger = "packets can be read and forged";
	}
}

static struct item *add_right(struct items *items, const char *state, const char *why, const char *danger)
{
	struct item *item = items_add(items, GROUP_RIGHTS, "state", state);

	item->danger = danger;
	items_way(item, state, why, 0);
	return item;
}

static void rights(struct items *items, const struct planned *planned)
{
	char buf[512];

	add_right(items, "no-new-privs", NULL, "setuid programs give it their rights")->sentence = "runs without";
	add_right(items, "filter", line_if(planned, no_filter(planned), SET_syscalls_base, buf),
		  "it can make any system call")
		->sentence = "runs without a system call";
	add_right(items, "capabilities", line_of(planned, SET_process_capabilities, buf),
		  "it has rights over its own namespaces, and reaches more of the kernel")
		->sentence = "has";
}

/* The value of environment.pass that lets a name through. */
static const struct value *passed(const struct planned *planned, const char *name)
{
	const struct entry *list = &planned->policy.entry[SET_environment_pass];

	for (size_t i = 0; i < list->count; i++)
		if (fnmatch(list->v[i].text, name, 0) == 0)
			return &list->v[i];
	return NULL;
}

static void variables(struct items *items, const struct planned *planned)
{
	for (char **p = planned->host.environ; p && *p; p++) {
		autofree char *name = xstrndup(*p, strcspn(*p, "="));
		const struct value *value = passed(planned, name);
		struct item *item;
		char buf[512];

		if (!is_secret_variable(name) || items_have(items, GROUP_VARIABLES, name))
			continue;
		item = items_add(items, GROUP_VARIABLES, "variable", name);
		item->sentence = "is given";
		item->danger = "by its name, it is a password or a key";
		items_way(item, name, value ? origin_text(value->origin, buf, sizeof buf) : NULL, 0);
	}
}

void items_of_kernel(struct items *items, const struct planned *planned)
{
	calls(items, planned);
	namespaces(items, planned);
	tables(items, planned);
	families(items, planned);
	files(items);
	rights(items, planned);
	variables(items, planned);
}
