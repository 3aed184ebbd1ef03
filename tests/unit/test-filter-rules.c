/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-filter-rules: what the arguments of an allowed call decide; each case also with rubbish in the high 32 bits. */
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/shm.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/filter-run.h"

static const struct filter_request strict = {.base = FILTER_STRICT}, wide = {.base = FILTER_DEFAULT};
static const struct filter_request nested = {.base = FILTER_DEFAULT, .nested = true};

/* One call under one request; the high halves of the arguments must change nothing. */
static void expect(uint32_t want, const struct filter_request *request, const char *name, const uint64_t *argument)
{
	uint64_t rubbish[4];
	uint32_t got = ask(request, name, argument);

	if (got != want)
		fail_msg("%s(0x%llx, 0x%llx, 0x%llx): 0x%x", name, (unsigned long long)argument[0],
			 (unsigned long long)argument[1], (unsigned long long)argument[2], got);
	for (unsigned i = 0; i < 4; i++)
		rubbish[i] = argument[i] | UINT64_C(0xabcd0001) << 32;
	assert_int_equal(ask(request, name, rubbish), want);
}
#define EXPECT(want, request, name, ...) expect(want, request, name, (const uint64_t[4]){__VA_ARGS__})

static void test_ioctl(void **state)
{
	(void)state;
	EXPECT(DENY, &strict, "ioctl", 0, TIOCSTI);
	EXPECT(DENY, &wide, "ioctl", 0, TIOCSTI);
	EXPECT(DENY, &wide, "ioctl", 0, 0x541c);
	EXPECT(DENY, &wide, "ioctl", 0, TIOCSETD);
	EXPECT(ALLOW, &strict, "ioctl", TIOCSTI, TCGETS);
	EXPECT(ALLOW, &wide, "ioctl", 0, TIOCGWINSZ);
	EXPECT(ALLOW, &wide, "ioctl", 0, TIOCSTI | 0x10000);
}

static void test_namespaces(void **state)
{
	static const uint64_t flags[] = {CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWUSER,
					 CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC};

	(void)state;
	for (unsigned i = 0; i < countof(flags); i++) {
		EXPECT(DENY, &strict, "clone", flags[i] | SIGCHLD);
		EXPECT(DENY, &wide, "clone", flags[i] | CLONE_VM);
		EXPECT(DENY, &wide, "unshare", flags[i]);
		EXPECT(i < 3 ? DENY : ALLOW, &nested, "clone", flags[i] | SIGCHLD);
		EXPECT(i < 3 ? DENY : ALLOW, &nested, "unshare", flags[i]);
		EXPECT(DENY, &nested, "clone", flags[i] | CLONE_NEWNS);
	}
	EXPECT(ALLOW, &strict, "clone", 0x3d0f00); /* as libc makes a thread */
	EXPECT(ALLOW, &strict, "clone", 0x1200011);
	EXPECT(DENY, &wide, "unshare", CLONE_FILES);
	EXPECT(ALLOW, &nested, "unshare", CLONE_FILES);
	EXPECT(DENY, &nested, "unshare", 0x80 /* a time namespace */);
	EXPECT(DENY, &nested, "setns", 0, CLONE_NEWUSER);
	EXPECT(DENY, &wide, "chroot", 0);
	EXPECT(ALLOW, &nested, "chroot", 0);
	EXPECT(ABSENT, &nested, "clone3", 0);
	EXPECT(DENY, &nested, "mount", 0);
}

static void test_personality(void **state)
{
	static const uint64_t yes[] = {0, 8, 0x20000, 0x20008, 0xffffffff},
			      no[] = {1, 0x40000, 0x400000, 0x20009, 0x7fffffff};

	(void)state;
	for (unsigned i = 0; i < countof(yes); i++) {
		EXPECT(ALLOW, &wide, "personality", yes[i]);
		EXPECT(DENY, &wide, "personality", no[i]);
		EXPECT(DENY, &strict, "personality", yes[i]);
	}
}

static void test_families(void **state)
{
	const struct filter_request report = {.base = FILTER_STRICT, .denied = FILTER_NOTIFY};

	(void)state;
	for (uint64_t family = 0; family < 48; family++) {
		bool inet = family == AF_INET || family == AF_INET6, local = family == AF_UNIX;

		EXPECT(local ? ALLOW : NO_FAMILY, &strict, "socket", family, SOCK_STREAM);
		EXPECT(local ? ALLOW : NOTIFY, &report, "socket", family, SOCK_STREAM);
		EXPECT(local ? ALLOW : NO_FAMILY, &wide, "socketpair", family, SOCK_STREAM);
		EXPECT(local || inet || family == AF_NETLINK ? ALLOW : NO_FAMILY, &wide, "socket", family, SOCK_DGRAM);
		EXPECT(NO_FAMILY, &wide, "socket", family | 0x10000, SOCK_DGRAM);
		for (uint64_t type = 0; inet && type < 16; type++)
			EXPECT(type == SOCK_STREAM || type == SOCK_DGRAM ? ALLOW : DENY, &nested, "socket", family,
			       type | SOCK_CLOEXEC | SOCK_NONBLOCK);
	}
	EXPECT(ALLOW, &strict, "socket", AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC);
	for (uint64_t protocol = 0; protocol < 32; protocol++)
		EXPECT(protocol == NETLINK_ROUTE || protocol == NETLINK_KOBJECT_UEVENT ? ALLOW : DENY, &nested,
		       "socket", AF_NETLINK, SOCK_RAW, protocol);
}

/* The words that stand for families. */
static void test_family_words(void **state)
{
	const char *const inet[] = {"@inet", NULL}, *const route[] = {"@netlink-route", NULL},
			  *const local[] = {"@unix", NULL};
	const struct filter_request more = {.base = FILTER_STRICT, .allow = inet};
	const struct filter_request less = {.base = FILTER_DEFAULT, .deny = inet};
	const struct filter_request none = {.base = FILTER_STRICT, .deny = local};
	const struct filter_request netlink = {.base = FILTER_STRICT, .allow = route, .deny = local};

	(void)state;
	EXPECT(NO_FAMILY, &none, "socket", AF_UNIX, SOCK_STREAM);
	EXPECT(DENY, &strict, "bind", 0);
	EXPECT(ALLOW, &more, "bind", 0);
	EXPECT(ALLOW, &more, "socket", AF_INET6, SOCK_STREAM);
	EXPECT(DENY, &more, "socket", AF_INET6, SOCK_RAW);
	EXPECT(NO_FAMILY, &more, "socket", AF_NETLINK, SOCK_RAW);
	EXPECT(NO_FAMILY, &less, "socket", AF_INET, SOCK_STREAM);
	EXPECT(ALLOW, &less, "socket", AF_UNIX, SOCK_STREAM);
	EXPECT(ALLOW, &less, "connect", 0);
	EXPECT(ALLOW, &netlink, "socket", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	EXPECT(DENY, &netlink, "socket", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	EXPECT(NO_FAMILY, &netlink, "socket", AF_UNIX, SOCK_STREAM);
}

static void test_modes(void **state)
{
	const struct filter_request guarded = {.base = FILTER_STRICT, .suid_open = true};

	(void)state;
	for (uint64_t bits = 02000; bits <= 06000; bits += 02000) {
#if defined __x86_64__
		EXPECT(DENY, &wide, "chmod", 0, bits | 0755);
		EXPECT(DENY, &wide, "creat", 0, bits | 0755);
		EXPECT(DENY, &wide, "mknod", 0, bits | S_IFREG | 0755);
		EXPECT(ALLOW, &wide, "open", 0, O_CREAT, bits);
		EXPECT(DENY, &guarded, "open", 0, O_CREAT, bits);
		EXPECT(ALLOW, &guarded, "open", 0, O_RDWR, bits);
#endif
		EXPECT(DENY, &strict, "fchmod", 0, bits | 0755);
		EXPECT(DENY, &strict, "fchmodat", 0, 0, bits | 0755);
		EXPECT(DENY, &strict, "fchmodat2", 0, 0, bits | 0755);
		EXPECT(DENY, &strict, "mknodat", 0, 0, bits | S_IFREG | 0755);
		EXPECT(DENY, &guarded, "openat", 0, 0, O_CREAT | O_WRONLY, bits);
		EXPECT(DENY, &guarded, "openat", 0, 0, O_TMPFILE | O_WRONLY, bits);
		EXPECT(ALLOW, &guarded, "openat", 0, 0, O_DIRECTORY, bits);
		EXPECT(ALLOW, &strict, "openat", 0, 0, O_CREAT | O_WRONLY, bits);
	}
	EXPECT(ALLOW, &guarded, "openat", 0, 0, O_CREAT | O_WRONLY, 01777);
	EXPECT(ALLOW, &strict, "fchmod", 06000, 01777);
	EXPECT(ALLOW, &strict, "fchmodat", 06000, 06000, 01777);
	EXPECT(ALLOW, &strict, "mknodat", 0, 0, S_IFIFO | 0600);
	EXPECT(ALLOW, &strict, "mknodat", 0, 0, 0600);
	EXPECT(DENY, &wide, "mknodat", 0, 0, S_IFCHR | 0600);
	EXPECT(DENY, &wide, "mknodat", 0, 0, S_IFBLK | 0600);
	EXPECT(ABSENT, &guarded, "openat2", 0);
}

static void test_prctl(void **state)
{
	(void)state;
	EXPECT(DENY, &wide, "prctl", PR_SET_MM);
	EXPECT(DENY, &wide, "prctl", PR_SET_PTRACER);
	EXPECT(ALLOW, &wide, "prctl", 59 /* PR_SET_SYSCALL_USER_DISPATCH */);
	EXPECT(DENY, &strict, "prctl", 59);
	EXPECT(DENY, &strict, "prctl", PR_SET_MM);
	EXPECT(ALLOW, &strict, "prctl", PR_SET_NAME);
}

static void test_memory(void **state)
{
	const uint64_t both = PROT_READ | PROT_WRITE | PROT_EXEC;
	const struct filter_request no_mdwe = {.base = FILTER_DEFAULT, .no_mdwe = true};
	const struct filter_request jit = {.base = FILTER_DEFAULT, .no_mdwe = true, .writable_code = true};
	static const char *const calls[] = {"mmap", "mprotect", "pkey_mprotect"};

	(void)state;
	for (unsigned i = 0; i < countof(calls); i++) {
		EXPECT(DENY, &no_mdwe, calls[i], 0, 0, both);
		EXPECT(i ? DENY : ALLOW, &no_mdwe, calls[i], both, both, PROT_READ | PROT_EXEC);
		EXPECT(ALLOW, &no_mdwe, calls[i], 0, 0, PROT_READ | PROT_WRITE);
		EXPECT(ALLOW, &jit, calls[i], 0, 0, both);
		EXPECT(ALLOW, &wide, calls[i], 0, 0, both);
	}
	EXPECT(DENY, &no_mdwe, "shmat", 0, 0, SHM_EXEC);
	EXPECT(ALLOW, &jit, "shmat", 0, 0, SHM_EXEC);
	EXPECT(DENY, &wide, "shmget", 0, 4096, IPC_CREAT | SHM_HUGETLB);
	EXPECT(ALLOW, &wide, "shmget", SHM_HUGETLB, SHM_HUGETLB, IPC_CREAT);
	EXPECT(DENY, &strict, "shmget", 0, 4096, IPC_CREAT);
}

/* A call that a profile adds keeps its rule, and one without a rule is plain. */
static void test_added(void **state)
{
	const char *const list[] = {"personality", "shmget", "ptrace", NULL}, *const kill[] = {"kill", "ioctl", NULL};
	const struct filter_request more = {.base = FILTER_STRICT, .allow = list};
	const struct filter_request both = {.base = FILTER_DEFAULT, .allow = list, .deny = list, .denied = FILTER_KILL};
	const struct filter_request less = {.base = FILTER_DEFAULT, .deny = kill, .denied = FILTER_KILL};

	(void)state;
	EXPECT(ALLOW, &more, "personality", 0);
	EXPECT(DENY, &more, "personality", 0x40000);
	EXPECT(DENY, &more, "shmget", 0, 0, SHM_HUGETLB);
	EXPECT(ALLOW, &more, "ptrace", 4);
	EXPECT(DENY, &wide, "ptrace", 4);
	EXPECT(KILL, &both, "ptrace", 4);
	EXPECT(KILL, &both, "personality", 0);
	EXPECT(KILL, &less, "ioctl", 0, TCGETS);
	EXPECT(KILL, &less, "kill", 0);
	EXPECT(KILL, &less, "socket", AF_ALG, SOCK_STREAM);
	EXPECT(ABSENT, &less, "clone3", 0);
	EXPECT(ABSENT, &less, "io_uring_setup", 0);
}

#if defined __x86_64__
static uint32_t ask32(const struct filter_request *request, int number, uint64_t a, uint64_t b, uint64_t c)
{
	autostr struct str program = {0};

	build(request, &program);
	return run(&program, (struct seccomp_data){.nr = number, .arch = AUDIT_ARCH_I386, .args = {a, b, c}});
}

static void test_x86(void **state)
{
	const struct filter_request x86 = {.base = FILTER_DEFAULT, .x86 = true};
	const struct filter_request tight = {
		.base = FILTER_STRICT, .x86 = true, .no_mdwe = true, .denied = FILTER_NOTIFY};
	static const int allowed[] = {1,   3,   4,   5,   6,   11,  20,  45,  91,  119, 122, 146,
				      173, 174, 175, 183, 192, 195, 197, 199, 221, 240, 243, 252,
				      258, 295, 300, 331, 355, 362, 403, 407, 414, 422, 439};
	static const int denied[] = {21, 22, 26, 52, 79, 88, 110, 113, 166, 217, 286, 288, 346, 357, 428, 442};
	static const int absent[] = {17, 31, 32, 102, 117, 424 + 1, 435, 437, 500, 511, 512, 0x40000001, -1};

	(void)state;
	for (unsigned i = 0; i < countof(allowed); i++)
		assert_int_equal(ask32(&x86, allowed[i], 0, 0, 0), (uint32_t)ALLOW);
	for (unsigned i = 0; i < countof(denied); i++)
		assert_int_equal(ask32(&x86, denied[i], 0, 0, 0), (uint32_t)DENY);
	for (unsigned i = 0; i < countof(absent); i++)
		assert_int_equal(ask32(&x86, absent[i], 0, 0, 0), (uint32_t)ABSENT);
	assert_int_equal(ask32(&x86, 54, 0, TIOCSTI, 0), (uint32_t)DENY);
	assert_int_equal(ask32(&x86, 120, CLONE_NEWUSER, 0, 0), (uint32_t)DENY);
	assert_int_equal(ask32(&x86, 120, SIGCHLD, 0, 0), (uint32_t)ALLOW);
	assert_int_equal(ask32(&x86, 359, AF_ALG, SOCK_STREAM, 0), (uint32_t)NO_FAMILY);
	assert_int_equal(ask32(&x86, 359, AF_INET, SOCK_STREAM, 0), (uint32_t)ALLOW);
	assert_int_equal(ask32(&x86, 306, 0, 0, 04755), (uint32_t)DENY);
	assert_int_equal(ask32(&x86, 90, 0, 0, 0), (uint32_t)ALLOW);
	assert_int_equal(ask32(&tight, 90, 0, 0, 0), (uint32_t)NOTIFY);
	assert_int_equal(ask32(&tight, 192, 0, 0, PROT_WRITE | PROT_EXEC), (uint32_t)NOTIFY);
	assert_int_equal(ask32(&tight, 192, 0, 0, PROT_WRITE), (uint32_t)ALLOW);
	assert_int_equal(ask32(&wide, 20, 0, 0, 0), (uint32_t)KILL);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ioctl),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_personality),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_family_words),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_prctl),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_added),
#if defined __x86_64__
		cmocka_unit_test(test_x86),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
