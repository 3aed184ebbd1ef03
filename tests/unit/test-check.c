/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-check: each rule between settings, broken and kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/check.h"

/* Each row: assignments "SECTION.KEY=VALUE" in layers 1, 2, 3; then the setting that is refused, or NULL. */
struct row {
	const char *set[3];
	const char *refused;
};

static void lay(struct policy *p, const char *text)
{
	static const struct variables vars = {.cwd = "/w"};
	autofree char *copy = xstrdup(text);
	char *dot = strchr(copy, '.'), *sign = strchr(copy, '=');
	struct err e;

	assert_non_null(dot);
	assert_non_null(sign);
	*dot = *sign = '\0';
	p->layer++;
	if (policy_set(p, setting_find(copy, dot + 1), sign + 1, (struct origin){"f.ini", p->layer}, &vars, &e) < 0)
		fail_msg("%s", e.text);
}

static void check_row(const struct row *row)
{
	static const struct variables vars = {.cwd = "/w"};
	struct policy p = {0};
	struct errlist errors = {0};
	struct err e;

	assert_int_equal(policy_defaults(&p, &vars, &e), 0);
	for (size_t i = 0; i < 3 && row->set[i]; i++)
		lay(&p, row->set[i]);
	policy_check(&p, &errors);
	if (errors.count && !row->refused)
		fail_msg("%s", errors.v[0].text);
	if (row->refused) {
		if (errors.count != 1)
			fail_msg("%zu errors for %s", errors.count, row->set[0]);
		assert_non_null(strstr(errors.v[0].text, row->refused));
		assert_memory_equal(errors.v[0].text, "f.ini:", 6);
	}
	errlist_done(&errors);
	policy_done(&p);
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
}

static void test_defaults(void **state)
{
	static const struct row none = {{NULL}, NULL};

	(void)state;
	check_row(&none);
}

static void test_ranges(void **state)
{
	static const struct row rows[] = {
		{{"limits.memory=4M"}, NULL},
		{{"limits.memory=4194303"}, "f.ini:1: limits.memory: "},
		{{"limits.memory=0"}, "limits.memory: "},
		{{"limits.processes=0"}, "limits.processes: "},
		{{"limits.processes=1"}, NULL},
		{{"limits.open-files=7"}, "limits.open-files: "},
		{{"limits.open-files=8"}, NULL},
		{{"limits.cpu-time=0"}, "limits.cpu-time: "},
		{{"limits.wall-time=0.5ms"}, "limits.wall-time: "},
		{{"limits.wall-time=1ms"}, NULL},
		{{"limits.cpu-time=1s", "limits.cpu-time-hard=1s"}, NULL},
		{{"limits.cpu-time-hard=2s", "limits.cpu-time=1s"}, NULL},
		{{"limits.cpu-time=2s", "limits.cpu-time-hard=1s"}, "limits.cpu-time-hard: it must not be below"},
		{{"limits.cpu-time-hard=1s"}, "limits.cpu-time-hard: "},
		{{"limits.wall-time=2s", "limits.wall-time-hard=1s"}, "limits.wall-time-hard: "},
		{{"limits.stack=0"}, NULL},
		{{"limits.stack=4K"}, "limits.stack: "},
		{{"filesystem.tmpfs-size=1K"}, "filesystem.tmpfs-size: "},
		{{"filesystem.tmpfs-inodes=1"}, "filesystem.tmpfs-inodes: "},
		{{"process.nice=20"}, "process.nice: "},
		{{"process.nice=19"}, NULL},
		{{"process.nested-namespaces=200", "syscalls.base=none"}, NULL},
		{{"process.nested-namespaces=100001"}, "process.nested-namespaces: "},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_words(void **state)
{
	static const struct row rows[] = {
		{{"profile.command=a/b"}, "'a/b' is not the base name"},
		{{"profile.best-effort=landlok"}, "'landlok' is not a layer"},
		{{"filesystem.etc=@tsl"}, "'@tsl' is neither"},
		{{"filesystem.etc=/etc/x"}, "'/etc/x' is neither"},
		{{"filesystem.etc=a/../../root"}, "is neither"},
		{{"filesystem.etc=-vim ssl/certs a..b"}, NULL},
		{{"devices.allow=gpu /dev/kvm"}, NULL},
		{{"devices.allow=gpus"}, "'gpus' is neither"},
		{{"devices.allow=/dev/../etc"}, "is neither"},
		{{"process.hostname=a b"}, "is not a host name"},
		{{"process.hostname=-a"}, "is not a host name"},
		{{"process.keep-fd=2"}, "'2' is not the number"},
		{{"process.keep-fd=3 10"}, NULL},
		{{"process.capabilities=cap_net_raw"}, NULL},
		{{"process.capabilities=net raw;"}, "'raw;' is not the name of a capability"},
		{{"environment.set=A"}, "'A' is not NAME=VALUE"},
		{{"environment.set==x"}, "is not NAME=VALUE"},
		{{"environment.set=A="}, NULL},
		{{"environment.pass=LC_* A=B"}, "'A=B' is not the name of a variable"},
		{{"environment.pass=A*B"}, "'A*B' is not the name of a variable"},
		{{"syscalls.allow=@mount ptrace"}, NULL},
		{{"syscalls.deny=a,b"}, "'a,b' is not the name of a system call"},
		{{"syscalls.architectures=native x86"}, NULL},
		{{"syscalls.architectures=arm"}, "'arm' is neither"},
		{{"report.file=fd:3"}, NULL},
		{{"report.file=fd:x"}, "'fd:x' is not fd:N"},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_network(void **state)
{
	static const struct row rows[] = {
		{{"network.mode=host", "network.connect-tcp=80 443"}, NULL},
		{{"network.connect-tcp=80", "network.mode=host"}, NULL},
		{{"network.connect-tcp=80"}, "network.connect-tcp: ports need"},
		{{"network.mode=none", "network.bind-tcp=80"}, "network.bind-tcp: ports need"},
		{{"network.mode=host", "network.bind-tcp=80", "network.mode=none"}, NULL}, /* turned off on purpose */
		{{"network.bind-tcp=none"}, NULL},
		{{"network.mode=host", "network.bind-tcp=none 80"}, "'none' stands alone"},
		{{"network.mode=host", "network.bind-tcp=none", "network.bind-tcp="}, NULL},
		{{"network.mode=host", "network.bind-tcp=0"}, "'0' is neither a port"},
		{{"network.mode=host", "network.bind-tcp=65536"}, "'65536' is neither a port"},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_between(void **state)
{
	static const struct row rows[] = {
		{{"limits.swap=1G"}, "limits.swap: a limit of swap needs"},
		{{"limits.swap=0"}, NULL},
		{{"limits.memory=1G", "limits.swap=1G"}, NULL},
		{{"syscalls.base=none", "syscalls.deny=socket"}, "syscalls.deny: "},
		{{"syscalls.base=none", "syscalls.allow=socket"}, "syscalls.allow: "},
		{{"syscalls.deny=socket", "syscalls.base=none"}, NULL},
		{{"syscalls.base=none", "syscalls.denied=report"}, "syscalls.denied: "},
		{{"syscalls.base=none", "syscalls.denied=errno"}, NULL},
		{{"process.stdin=/a", "process.stdout=/a"}, "process.stdout: it is process.stdin too"},
		{{"process.stdin=/a", "process.stderr=/a"}, "process.stderr: it is process.stdin too"},
		{{"process.stdout=/a", "process.stderr=/a"}, "process.stderr: it is process.stdout too"},
		{{"process.stdout=/dev/null", "process.stderr=/dev/null", "process.stdin=/dev/null"}, NULL},
		{{"process.stdin=/a", "process.stdout=/b", "process.stderr=/c"}, NULL},
		{{"process.stderr-to-stdout=yes", "process.stderr=/a"},
		 "process.stderr: process.stderr-to-stdout leaves"},
		{{"process.stderr-to-stdout=no", "process.stderr=/a"}, NULL},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_ranges),  cmocka_unit_test(test_words),
		cmocka_unit_test(test_network),  cmocka_unit_test(test_between),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
