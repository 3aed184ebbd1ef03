/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check: three tables, of ranges, of words, and of settings that need or exclude each other. */
#include "policy/check.h"

#include <errno.h>
#include <string.h>

#include "base/link.h"
#include "base/mem.h"
#include "base/units.h"
#include "policy/bus-names.h"
#include "policy/check-bus.h"
#include "policy/value.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define MS INT64_C(1000000)

void check_broken(struct errlist *errors, enum setting_id id, const struct value *value, const char *text)
{
	char where[512];
	struct err e;

	(void)err_set(&e, EINVAL, "%s: %s.%s: %s", origin_text(value->origin, where, sizeof where),
		      settings[id].section, settings[id].key, text);
	errlist_add(errors, &e);
}

static const struct range {
	enum setting_id id;
	int64_t min, max;
	const char *text;
	bool or_zero;
} ranges[] = {
	{SET_limits_memory, 4 * MIB, INT64_MAX, "no program starts with less than 4M", false},
	{SET_limits_processes, 1, 4194304, "it must be 1 to 4194304", false},
	{SET_limits_open_files, 8, 1048576, "it must be 8 to 1048576", false},
	{SET_limits_cpu_time, MS, INT64_MAX, "it must be at least 1ms", false},
	{SET_limits_wall_time, MS, INT64_MAX, "it must be at least 1ms", false},
	{SET_limits_stack, 64 * KIB, INT64_MAX, "no program starts with less than 64K; 0 is unlimited", true},
	{SET_limits_io_read, 4 * KIB, INT64_MAX, "it must be at least 4K", false},
	{SET_limits_io_write, 4 * KIB, INT64_MAX, "it must be at least 4K", false},
	{SET_limits_disk, 4 * KIB, INT64_MAX, "it must be at least 4K", false},
	{SET_filesystem_tmpfs_size, 64 * KIB, INT64_MAX, "it must be at least 64K", false},
	{SET_filesystem_tmpfs_inodes, 64, UINT32_MAX, "it must be at least 64", false},
	{SET_box_size, 64 * KIB, INT64_MAX, "it must be at least 64K", false},
	{SET_box_inodes, 16, UINT32_MAX, "it must be at least 16", false},
	{SET_box_file_size, 1, INT64_MAX, "it must be at least 1", false},
	{SET_process_nice, 0, 19, "it must be 0 to 19", false},
	{SET_process_nested_namespaces, 0, 100000, "it must be at most 100000", false},
};

static bool is_number(const char *text, uint64_t min, uint64_t max)
{
	uint64_t number;
	struct err e;

	return units_number(text, max, &number, &e) == 0 && number >= min;
}

static bool is_port(const char *word)
{
	return str_eq(word, "none") || is_number(word, 1, 65535);
}

static bool is_inherited_fd(const char *word)
{
	return is_number(word, 3, 1048575);
}

static bool is_chosen(enum setting_id id, const char *word)
{
	autostrv struct strv words = {0};

	value_words(settings[id].choices, '\0', &words);
	return strv_has(&words, word);
}

static bool is_layer(const char *word)
{
	return is_chosen(SET_profile_best_effort, word);
}

/* "..", or a component of a path that is "..". */
static bool goes_up(const char *path)
{
	for (const char *p = path; *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");

		if (len == 2 && p[0] == '.' && p[1] == '.')
			return true;
		p += len;
	}
	return false;
}

static bool is_etc(const char *word)
{
	word += *word == '-';
	if (*word == '@')
		return is_chosen(SET_filesystem_etc, word);
	return *word && *word != '/' && !goes_up(word);
}

static bool is_device(const char *word)
{
	word += *word == '-';
	return str_starts(word, "/dev/") ? word[5] && !goes_up(word) : is_chosen(SET_devices_allow, word);
}

static bool is_architecture(const char *word)
{
	return str_eq(word, "native") || str_eq(word, "x86");
}

static bool is_base_name(const char *word)
{
	return !strchr(word, '/');
}

static bool is_variable_name(const char *word)
{
	return *word != '=' && !strchr(word, '=');
}

static bool is_pattern(const char *word)
{
	const char *star = strchr(word, '*');

	return is_variable_name(word) && (!star || !star[1]);
}

static bool is_assignment(const char *text)
{
	const char *sign = strchr(text, '=');

	return sign && sign > text && !memchr(text, ' ', (size_t)(sign - text));
}

static bool is_host_name(const char *text)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	size_t len = strlen(text);

	return len >= 1 && len <= 64 && !text[strspn(text, bytes)] && *text != '-' && *text != '.';
}

static bool is_box(const char *text)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(text);

	return len >= 1 && len <= 64 && !text[strspn(text, bytes)] && *text != '.' && *text != '-';
}

/* A '?' at the end says only that it may be missing. */
static bool is_collected(const char *text)
{
	return *text != '/' && !goes_up(text) && !str_eq(text, "?");
}

static bool is_report(const char *text)
{
	return !str_starts(text, "fd:") || is_number(text + 3, 0, 65535);
}

static bool is_name(const char *word)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	word += *word == '@';
	return *word && !word[strspn(word, bytes)];
}

#define NOT_A_BUS_NAME "is not the name of a program on the bus, with nothing or '.*' at its end"
#define NOT_A_BUS_RULE                                                                                                 \
	"is not NAME=[METHOD][@PATH], METHOD being '*', 'INTERFACE.*' or one method, and PATH perhaps with '/*' at "   \
	"its end"

static const struct word {
	enum setting_id id;
	bool (*is_right)(const char *text);
	const char *text; /* after the word in '' */
} words[] = {
	{SET_profile_command, is_base_name, "is not the base name of a command"},
	{SET_profile_opens, link_is_kind,
	 "is neither a scheme of links that may be followed (https) nor the end of a name of files (.pdf)"},
	{SET_profile_best_effort, is_layer, "is not a layer: namespaces, landlock, limits, desktop or sound"},
	{SET_filesystem_etc, is_etc,
	 "is neither a group (@base @network @tls @fonts @x11 @java) nor a name below /etc"},
	{SET_devices_allow, is_device, "is neither a group (gpu audio camera input kvm tty) nor a path below /dev"},
	{SET_box_name, is_box,
	 "is not a name: letters, digits, '.', '_' and '-', at most 64, no '.' or '-' at the start"},
	{SET_box_collect, is_collected, "is not a path below the box"},
	{SET_network_connect_tcp, is_port, "is neither a port (1 to 65535) nor 'none'"},
	{SET_network_bind_tcp, is_port, "is neither a port (1 to 65535) nor 'none'"},
	{SET_process_hostname, is_host_name, "is not a host name"},
	{SET_process_capabilities, is_name, "is not the name of a capability"},
	{SET_process_keep_fd, is_inherited_fd, "is not the number of an open file from 3 on"},
	{SET_environment_pass, is_pattern, "is not the name of a variable, with nothing or one '*' at its end"},
	{SET_environment_set, is_assignment, "is not NAME=VALUE"},
	{SET_environment_unset, is_pattern, "is not the name of a variable, with nothing or one '*' at its end"},
	{SET_syscalls_allow, is_name, "is not the name of a system call or @group"},
	{SET_syscalls_deny, is_name, "is not the name of a system call or @group"},
	{SET_syscalls_architectures, is_architecture, "is neither 'native' nor 'x86'"},
	{SET_desktop_dbus_talk, bus_is_name, NOT_A_BUS_NAME},
	{SET_desktop_dbus_own, bus_is_name, NOT_A_BUS_NAME},
	{SET_desktop_dbus_call, bus_is_rule, NOT_A_BUS_RULE},
	{SET_desktop_dbus_broadcast, bus_is_rule, NOT_A_BUS_RULE},
	{SET_desktop_dbus_system_talk, bus_is_name, NOT_A_BUS_NAME},
	{SET_desktop_dbus_system_own, bus_is_name, NOT_A_BUS_NAME},
	{SET_desktop_dbus_system_call, bus_is_rule, NOT_A_BUS_RULE},
	{SET_desktop_dbus_system_broadcast, bus_is_rule, NOT_A_BUS_RULE},
	{SET_report_file, is_report, "is not fd:N with the number of an open file"},
};

const struct value *check_newest(const struct policy *p, enum setting_id id)
{
	const struct entry *entry = &p->entry[id];

	return entry->count && entry->v[entry->count - 1].layer ? &entry->v[entry->count - 1] : NULL;
}

bool check_decided_before(const struct policy *p, enum setting_id switched, const struct value *value)
{
	const struct value *by = policy_value(p, switched);

	return !by || by->layer <= value->layer;
}

static bool ports_without_network(const struct policy *p, enum setting_id id, const struct value *value)
{
	return !policy_is(p, SET_network_mode, "host") && !policy_has(p, id, "none") &&
	       check_decided_before(p, SET_network_mode, value);
}

static bool ports_and_none(const struct policy *p, enum setting_id id, const struct value *value)
{
	(void)value;
	return policy_has(p, id, "none") && p->entry[id].count > 1;
}

static bool swap_without_memory(const struct policy *p, enum setting_id id, const struct value *value)
{
	(void)id;
	return value->number > 0 && !policy_value(p, SET_limits_memory);
}

static bool hard_is_lower(const struct policy *p, enum setting_id id, const struct value *value)
{
	const struct value *soft =
		policy_value(p, id == SET_limits_cpu_time_hard ? SET_limits_cpu_time : SET_limits_wall_time);

	return !soft || soft->number > value->number;
}

static bool no_filter(const struct policy *p, enum setting_id id, const struct value *value)
{
	if (id == SET_syscalls_denied && str_eq(value->text, "errno"))
		return false;
	return policy_is(p, SET_syscalls_base, "none") && check_decided_before(p, SET_syscalls_base, value);
}

static bool reads_what_it_empties(const struct policy *p, enum setting_id id, const struct value *value)
{
	(void)id;
	return policy_is(p, SET_process_stdin, value->text) && !str_starts(value->text, "/dev/");
}

static bool both_outputs(const struct policy *p, enum setting_id id, const struct value *value)
{
	(void)id;
	return policy_is(p, SET_process_stdout, value->text) && !str_starts(value->text, "/dev/");
}

/* Its id is another one in each run. */
static bool keeps_for_isolated(const struct policy *p, enum setting_id id, const struct value *value)
{
	if (id == SET_filesystem_home && !str_eq(value->text, "private"))
		return false;
	return policy_is(p, SET_process_user, "isolated");
}

static bool asks_for_nobody(const struct policy *p, enum setting_id id, const struct value *value)
{
	(void)value;
	return policy_has(p, id, "ask") && p->entry[id].count == 1;
}

static bool output_has_it(const struct policy *p, enum setting_id id, const struct value *value)
{
	(void)id;
	(void)value;
	return policy_number(p, SET_process_stderr_to_stdout, 0) != 0;
}

static const struct rule {
	enum setting_id id;
	bool (*is_broken)(const struct policy *p, enum setting_id id, const struct value *value);
	const char *text;
} rules[] = {
	{SET_network_connect_tcp, ports_without_network, "ports need network.mode = host"},
	{SET_network_bind_tcp, ports_without_network, "ports need network.mode = host"},
	{SET_network_connect_tcp, ports_and_none, "'none' stands alone: forget the other ports with an empty value"},
	{SET_network_bind_tcp, ports_and_none, "'none' stands alone: forget the other ports with an empty value"},
	{SET_limits_swap, swap_without_memory, "a limit of swap needs limits.memory"},
	{SET_limits_cpu_time_hard, hard_is_lower, "it must not be below limits.cpu-time, which must be set"},
	{SET_limits_wall_time_hard, hard_is_lower, "it must not be below limits.wall-time, which must be set"},
	{SET_syscalls_allow, no_filter, "there is no filter to add to with syscalls.base = none"},
	{SET_syscalls_deny, no_filter, "there is no filter to take from with syscalls.base = none"},
	{SET_syscalls_denied, no_filter, "nothing is denied with syscalls.base = none"},
	{SET_report_opened, no_filter, "there is no filter to tell of it with syscalls.base = none"},
	{SET_filesystem_home, keeps_for_isolated,
	 "process.user = isolated is another user in each run: it has no home to keep"},
	{SET_filesystem_persist, keeps_for_isolated,
	 "process.user = isolated is another user in each run: no folder can be kept for it"},
	{SET_filesystem_persist_file, keeps_for_isolated,
	 "process.user = isolated is another user in each run: no file can be kept for it"},
	{SET_desktop_open, asks_for_nobody, "'ask' needs the names of the profiles that may be asked for"},
	{SET_process_stdout, reads_what_it_empties, "it is process.stdin too, and would be emptied before it is read"},
	{SET_process_stderr, reads_what_it_empties, "it is process.stdin too, and would be emptied before it is read"},
	{SET_process_stderr, output_has_it, "process.stderr-to-stdout leaves nothing to put there"},
	{SET_process_stderr, both_outputs, "it is process.stdout too: each would write over the other"},
};

static void check_ranges(const struct policy *p, struct errlist *errors)
{
	for (size_t i = 0; i < countof(ranges); i++) {
		const struct range *range = &ranges[i];
		const struct value *value = policy_value(p, range->id);

		if (!value || (range->or_zero && !value->number))
			continue;
		if (value->number < range->min || value->number > range->max)
			check_broken(errors, range->id, value, range->text);
	}
}

static void check_words(const struct policy *p, struct errlist *errors)
{
	for (size_t i = 0; i < countof(words); i++) {
		const struct entry *entry = &p->entry[words[i].id];

		for (size_t j = 0; j < entry->count; j++) {
			autofree char *text = NULL;

			if (words[i].is_right(entry->v[j].text))
				continue;
			text = xasprintf("'%s' %s", entry->v[j].text, words[i].text);
			check_broken(errors, words[i].id, &entry->v[j], text);
		}
	}
}

void policy_check(const struct policy *p, struct errlist *errors)
{
	check_ranges(p, errors);
	check_words(p, errors);
	check_buses(p, errors);
	for (size_t i = 0; i < countof(rules); i++) {
		const struct value *value = check_newest(p, rules[i].id);

		if (value && rules[i].is_broken(p, rules[i].id, value))
			check_broken(errors, rules[i].id, value, rules[i].text);
	}
}
