/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/operands.h"

#include <linux/filter.h>
#include <sched.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

#include "base/mem.h"
#include "base/sys.h"

const struct operands operands[STEP_COUNT] = {
	[STEP_HOST_MKDIR] = {.a = "path", .b = "owner", .n = {"mode", FORMAT_MODE}},
	[STEP_SERVICES] = {.a = "folder", .b = "owner"},
	[STEP_SERVICE_FILE] = {.a = "name", .data = {"size", FORMAT_TEXT}},
	[STEP_X11_UNTRUSTED] = {.a = "name", .b = "server", .n = {"display", FORMAT_NUMBER}},
	[STEP_WAYLAND_CONTEXT] = {.a = "name", .b = "compositor", .data = {"as", FORMAT_TEXTS}},
	[STEP_SERVICE] = {.a = "name", .b = "socket", .data = {"command", FORMAT_TEXTS}},
	[STEP_KEEP] = {.a = "file",
		       .b = "copy",
		       .n = {"most", FORMAT_BYTES},
		       .m = {"cleared", FORMAT_FLAG},
		       .data = {"lock", FORMAT_TEXTS}},
	[STEP_INSTANCE] = {.a = "folder"},
	[STEP_CGROUP] = {.a = "parent", .b = "version", .n = {"controllers", FORMAT_NUMBER}},
	[STEP_CGROUP_SET] = {.a = "file", .b = "value", .n = {"group", FORMAT_NUMBER}},
	[STEP_WALL_TIME] = {.n = {"time", FORMAT_TIME}, .m = {"hard", FORMAT_TIME}},
	[STEP_CPU_TIME] = {.n = {"time", FORMAT_TIME}, .m = {"hard", FORMAT_TIME}},
	[STEP_OUTPUT_SIZE] = {.n = {"size", FORMAT_BYTES}},
	[STEP_STDIO] = {.a = "file", .n = {"fd", FORMAT_NUMBER}, .m = {"as", FORMAT_STDIO}},
	[STEP_RECORD] = {.a = "file", .data = {"without", FORMAT_FILTER}},
	[STEP_KEEP_FD] = {.n = {"fd", FORMAT_NUMBER}},
	[STEP_CARRY] = {.a = "folder", .n = {"file_size", FORMAT_BYTES}, .data = {"patterns", FORMAT_TEXTS}},
	[STEP_NAMESPACES] = {.n = {"new", FORMAT_CLONE}, .m = {"unusable", FORMAT_CLONE}},
	[STEP_ID_MAP] = {.a = "uids", .b = "gids", .n = {"by_monitor", FORMAT_NUMBER}},
	[STEP_ID_HELPER] = {.a = "uids", .b = "gids"},
	[STEP_ROOT] = {.n = {"size", FORMAT_BYTES}, .m = {"inodes", FORMAT_NUMBER}},
	[STEP_SCRATCH] = {.a = "at", .n = {"size", FORMAT_BYTES}, .m = {"inodes", FORMAT_NUMBER}},
	[STEP_LAYER] = {.a = "folder"},
	[STEP_SEALED] = {.a = "file", .b = "by", .data = {"state", FORMAT_TEXTS}},
	[STEP_OPEN_SESSION] = {.a = "folder"},
	[STEP_OVERLAY] = {.a = "source",
			  .b = "target",
			  .n = {"flags", FORMAT_MOUNT},
			  .data = {"written", FORMAT_TEXTS}},
	[STEP_IMAGE] = {.a = "name",
			.b = "digest",
			.n = {"flags", FORMAT_MOUNT},
			.m = {"written_to_first", FORMAT_FLAG},
			.data = {"layers", FORMAT_TEXTS}},
	[STEP_MKDIR] = {.a = "path", .n = {"mode", FORMAT_MODE}, .m = {"may_be_there", FORMAT_FLAG}},
	[STEP_SYMLINK] = {.a = "path", .b = "to"},
	[STEP_FILE] = {.a = "path",
		       .n = {"mode", FORMAT_MODE},
		       .m = {"may_be_there", FORMAT_FLAG},
		       .data = {"content", FORMAT_TEXT}},
	[STEP_BIND] = {.a = "source", .b = "target", .n = {"flags", FORMAT_MOUNT}, .m = {"expect", FORMAT_EXPECT}},
	[STEP_SCRATCH_DIR] = {.a = "target", .b = "owner", .n = {"mode", FORMAT_MODE}, .m = {"flags", FORMAT_MOUNT}},
	[STEP_BOX] = {.n = {"size", FORMAT_BYTES}, .m = {"inodes", FORMAT_NUMBER}},
	[STEP_BOX_MOUNT] = {.a = "target", .b = "owner", .m = {"flags", FORMAT_MOUNT}},
	[STEP_HIDE] = {.a = "target", .m = {"expect", FORMAT_EXPECT}},
	[STEP_PROC] = {.a = "target", .n = {"flags", FORMAT_MOUNT}, .m = {"pids_only", FORMAT_NUMBER}},
	[STEP_DEVPTS] = {.a = "target", .n = {"flags", FORMAT_MOUNT}},
	[STEP_NAMESPACE_LIMIT] = {.n = {"most", FORMAT_NUMBER}},
	[STEP_PROC_READ_ONLY] = {.a = "path"},
	[STEP_SEAL_PROC] = {.a = "target"},
	[STEP_INIT_PROGRAM] = {.a = "path"},
	[STEP_HOST_FILE] = {.a = "path"},
	[STEP_COUNTER] = {.n = {"config", FORMAT_NUMBER}, .m = {"type", FORMAT_NUMBER}},
	[STEP_HOSTNAME] = {.a = "name"},
	[STEP_SET_IDS] = {.n = {"uid", FORMAT_NUMBER}, .m = {"gid", FORMAT_NUMBER}, .data = {"groups", FORMAT_GROUPS}},
	[STEP_INIT_DROP] = {.n = {"kept", FORMAT_NUMBER}},
	[STEP_INNER_USER] = {.a = "uids", .b = "gids", .n = {"by_init", FORMAT_FLAG}},
	[STEP_INNER_LIMIT] = {.n = {"most", FORMAT_NUMBER}},
	[STEP_INNER_NAMESPACES] = {.n = {"new", FORMAT_CLONE}},
	[STEP_RLIMIT] = {.a = "name", .b = "resource", .n = {"soft", FORMAT_NUMBER}, .m = {"hard", FORMAT_NUMBER}},
	[STEP_AFFINITY] = {.a = "processors"},
	[STEP_NICE] = {.n = {"value", FORMAT_NUMBER}},
	[STEP_UMASK] = {.n = {"mask", FORMAT_MODE}},
	[STEP_PERSONALITY] = {.n = {"value", FORMAT_NUMBER}},
	[STEP_CAPABILITIES] = {.n = {"kept", FORMAT_NUMBER}},
	[STEP_LANDLOCK] = {.n = {"files", FORMAT_FS}, .m = {"others", FORMAT_NET}},
	[STEP_LANDLOCK_PATH] = {.a = "path", .n = {"rights", FORMAT_FS}},
	[STEP_LANDLOCK_PORT] = {.n = {"port", FORMAT_NUMBER}, .m = {"rights", FORMAT_NET}},
	[STEP_CHDIR] = {.a = "path"},
	[STEP_FILTER] = {.a = "set", .n = {"flags", FORMAT_NUMBER}, .data = {"program", FORMAT_FILTER}},
	[STEP_ENVIRONMENT] = {.data = {"names", FORMAT_NAMES}},
	[STEP_EXEC] = {.a = "search", .data = {"command", FORMAT_TEXTS}},
	[STEP_SKIP] = {.a = "layer", .b = "reason"},
};

struct bit {
	uint64_t bit;
	const char *name;
};

static void add_bits(struct str *out, const struct bit *bits, size_t count, uint64_t value)
{
	const char *between = "";

	for (size_t i = 0; i < count; i++) {
		if (!(value & bits[i].bit))
			continue;
		str_addf(out, "%s%s", between, bits[i].name);
		value &= ~bits[i].bit;
		between = ",";
	}
	if (value || !*between)
		str_addf(out, "%s%s%llx", between, value ? "0x" : "", (unsigned long long)value);
}

static void add_bytes(struct str *out, uint64_t value)
{
	static const char units[] = "\0KMGT";
	int unit = 0;

	while (value >= 1024 && value % 1024 == 0 && unit < 4) {
		value /= 1024;
		unit++;
	}
	str_addf(out, "%llu%.1s", (unsigned long long)value, &units[unit]);
}

static void add_word(struct str *out, const char *const *words, size_t count, uint64_t value)
{
	if (value < count)
		str_add(out, words[value]);
	else
		str_addf(out, "%llu", (unsigned long long)value);
}

void operand_number(struct str *out, enum operand_format format, uint64_t value)
{
	static const struct bit mount[] = {
		{ATTR_RDONLY, "ro"}, {ATTR_NOSUID, "nosuid"}, {ATTR_NODEV, "nodev"}, {ATTR_NOEXEC, "noexec"}};
	static const struct bit clone[] = {{CLONE_NEWUSER, "user"},    {CLONE_NEWNS, "mount"}, {CLONE_NEWPID, "pid"},
					   {CLONE_NEWIPC, "ipc"},      {CLONE_NEWUTS, "uts"},  {CLONE_NEWNET, "net"},
					   {CLONE_NEWCGROUP, "cgroup"}};
	static const struct bit fs[] = {
		{1 << 0, "execute"},    {1 << 1, "write"},       {1 << 2, "read"},       {1 << 3, "list"},
		{1 << 4, "remove-dir"}, {1 << 5, "remove"},      {1 << 6, "make-char"},  {1 << 7, "make-dir"},
		{1 << 8, "make"},       {1 << 9, "make-socket"}, {1 << 10, "make-fifo"}, {1 << 11, "make-block"},
		{1 << 12, "make-link"}, {1 << 13, "refer"},      {1 << 14, "truncate"},  {1 << 15, "ioctl"}};
	static const struct bit net[] = {{1, "bind-tcp"},
					 {2, "connect-tcp"},
					 {UINT64_C(1) << 32, "abstract-sockets"},
					 {UINT64_C(1) << 33, "signals"}};
	static const char *const expect[] = {"anything", "folder", "no folder", "device"};
	static const char *const stdio[] = {"null", "pipe", "terminal", "file", "inherited", "output"};

	switch (format) {
	case FORMAT_MODE:
		str_addf(out, "%04llo", (unsigned long long)value);
		break;
	case FORMAT_BYTES:
		add_bytes(out, value);
		break;
	case FORMAT_TIME:
		str_addf(out, "%.9gs", (double)value / 1e9);
		break;
	case FORMAT_MOUNT:
		add_bits(out, mount, countof(mount), value);
		break;
	case FORMAT_CLONE:
		add_bits(out, clone, countof(clone), value);
		break;
	case FORMAT_FS:
		add_bits(out, fs, countof(fs), value);
		break;
	case FORMAT_NET:
		add_bits(out, net, countof(net), value);
		break;
	case FORMAT_EXPECT:
		add_word(out, expect, countof(expect), value & UINT32_MAX);
		if ((value & UINT32_MAX) == BIND_CHAR)
			str_addf(out, " %u:%u", major((dev_t)(value >> 32)), minor((dev_t)(value >> 32)));
		break;
	case FORMAT_STDIO:
		add_word(out, stdio, countof(stdio), value);
		break;
	default:
		str_addf(out, "%llu", (unsigned long long)value);
		break;
	}
}

static void add_texts(struct str *out, const char *bytes, size_t size, bool names)
{
	const char *between = "";

	for (const char *p = bytes; p < bytes + size; p += strlen(p) + 1) {
		autofree char *word = xstrndup(p, names ? strcspn(p, "=") : strlen(p));
		const char *quote = *word && !word[strcspn(word, " '")] ? "" : "'";

		str_addf(out, "%s%s", between, quote);
		str_add_escaped(out, word, true);
		str_add(out, quote);
		between = " ";
	}
}

size_t operand_count(enum operand_format format, size_t size)
{
	return format == FORMAT_FILTER ? size / sizeof(struct sock_filter) : size;
}

uint32_t operand_group(const char *bytes)
{
	gid_t gid;

	memcpy(&gid, bytes, sizeof gid);
	return gid;
}

void operand_data(struct str *out, enum operand_format format, const char *bytes, size_t size)
{
	switch (format) {
	case FORMAT_FILTER:
		str_addf(out, "%zu instructions", operand_count(format, size));
		break;
	case FORMAT_TEXTS:
		add_texts(out, bytes, size, false);
		break;
	case FORMAT_NAMES:
		add_texts(out, bytes, size, true);
		break;
	case FORMAT_GROUPS:
		for (size_t i = 0; i + sizeof(gid_t) <= size; i += sizeof(gid_t))
			str_addf(out, "%s%u", i ? " " : "", operand_group(bytes + i));
		break;
	default:
		str_addf(out, "%zu bytes", size);
		break;
	}
}
