/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-filter: the answer to every number, compared with the table and with libseccomp, and the words that are refused.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/filter-run.h"

#include <seccomp.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct filter_request strict = {.base = FILTER_STRICT}, wide = {.base = FILTER_DEFAULT};
static const struct filter_request nested = {.base = FILTER_DEFAULT, .nested = true};

static bool listed(const char *const *list, const struct syscall_row *row)
{
	for (; list && *list; list++) {
		enum syscall_group group = **list == '@' ? syscall_find_group(*list + 1) : GROUP_COUNT;

		if (str_eq(*list, row->name) || group == row->group)
			return true;
		if (row->group == GROUP_SOCKET && group >= GROUP_UNIX && group < GROUP_COUNT)
			return true;
	}
	return false;
}

/* What the table says, for arguments that no rule minds. */
static uint32_t expected(const struct filter_request *r, int number, uint32_t deny)
{
	const struct syscall_row *row = syscall_rows;
	bool allowed;

	while (row < syscall_rows + SYSCALL_COUNT && syscall_number(row) != number)
		row++;
	if (row == syscall_rows + SYSCALL_COUNT || row->level == LEVEL_ABSENT)
		return ABSENT;
	allowed = row->level == LEVEL_STRICT || (row->level == LEVEL_DEFAULT && r->base == FILTER_DEFAULT) ||
		  (row->level == LEVEL_NESTED && r->nested) || (row->level <= LEVEL_ASK && listed(r->allow, row));
	if (r->fixed_affinity && str_eq(row->name, "sched_setaffinity"))
		allowed = false;
	return allowed && !listed(r->deny, row) ? (uint32_t)ALLOW : deny;
}

/* Arguments that each rule lets pass: AF_UNIX for sockets, 0 for the others. */
static struct seccomp_data harmless(int number)
{
	struct seccomp_data data = {.nr = number, .arch = NATIVE};
	const char *name = syscall_name(number);

	data.args[0] = name && (str_eq(name, "socket") || str_eq(name, "socketpair"));
	return data;
}

static void check_numbers(const struct filter_request *request, uint32_t deny)
{
	autostr struct str program = {0};
	struct seccomp_data data;

	build(request, &program);
	for (int number = 0; number <= 600; number++) {
		uint32_t got = run(&program, harmless(number)), want = expected(request, number, deny);

		if (got != want)
			fail_msg("%d (%s): 0x%x instead of 0x%x", number, syscall_name(number), got, want);
		data = harmless(number);
		data.arch = OTHER;
		assert_int_equal(run(&program, data), (uint32_t)KILL);
#if defined __x86_64__
		data = harmless(number | 0x40000000);
		assert_int_equal(run(&program, data), (uint32_t)KILL);
		data.arch = AUDIT_ARCH_I386;
		assert_int_equal(run(&program, data), (uint32_t)(request->x86 ? ABSENT : KILL));
#endif
	}
	assert_int_equal(run(&program, harmless(-1)), (uint32_t)ABSENT);
}

static void test_numbers(void **state)
{
	static const char *const some[] = {"ptrace", "@inet", "@sched", "@xattr", "vmsplice", NULL};
	static const char *const less[] = {"@ipc-sysv", "kill", "@tty", "mount", "clone3", "getpid", "execveat", NULL};
	static const struct {
		enum filter_denied denied;
		uint32_t answer;
	} modes[] = {{FILTER_ERRNO, DENY}, {FILTER_KILL, KILL}, {FILTER_NOTIFY, NOTIFY}};

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		for (size_t mode = 0; mode < countof(modes); mode++) {
			struct filter_request request = {
				.base = i & 1 ? FILTER_STRICT : FILTER_DEFAULT,
				.allow = i & 2 ? some : NULL,
				.deny = i & 4 ? less : NULL,
				.denied = modes[mode].denied,
				.nested = i & 8,
				.suid_open = i & 16,
				.no_mdwe = i & 32,
				.fixed_affinity = i & 64,
#if defined __x86_64__
				.x86 = (i & 128) && (i & 7) == 7 && mode == 0,
#endif
			};
			check_numbers(&request, modes[mode].answer);
		}
}

/* What can't be denied. */
static bool starts(unsigned row)
{
	return str_eq(syscall_rows[row].name, "execve") || str_eq(syscall_rows[row].name, "exit_group") ||
	       str_eq(syscall_rows[row].name, "clock_gettime");
}

static void test_start(void **state)
{
	static const char *const names[] = {"execve", "exit_group", "clock_gettime"};

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		const char *deny[] = {names[i], NULL};
		struct filter_request request = {.deny = deny};
		autostr struct str program = {0};
		struct err e = {0};

		assert_int_equal(filter_build(&request, &program, &e), -EPERM);
		assert_int_equal(strncmp(e.text, names[i], strlen(names[i])), 0);
	}
}

/* Every other number denied: the longest program that a profile can ask for. */
static void test_longest(void **state)
{
	const char *deny[SYSCALL_COUNT + 1] = {NULL};
	struct filter_request request = {.base = FILTER_DEFAULT, .deny = deny, .suid_open = true, .no_mdwe = true};
	size_t count = 0;

	(void)state;
	for (unsigned i = 0; i < SYSCALL_COUNT; i++)
		if (syscall_number(&syscall_rows[i]) % 4 >= 2 && !starts(i))
			deny[count++] = syscall_rows[i].name;
	check_numbers(&request, DENY);
	deny[0] = NULL;
	for (unsigned i = count = 0; i < SYSCALL_COUNT; i++)
		if (syscall_number(&syscall_rows[i]) % 3 == 1 && !starts(i))
			deny[count++] = syscall_rows[i].name;
	deny[count] = NULL;
	check_numbers(&request, DENY);
}

/* libseccomp's own program for the same lists. */
static void libseccomp_program(const struct filter_request *request, struct str *ret)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	autoclose int fd = memfd_create("filter", MFD_CLOEXEC);
	char buf[sizeof(struct sock_filter)];

	assert_non_null(ctx);
	assert_true(fd >= 0);
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), 0);
	for (unsigned i = 0; i < SYSCALL_COUNT; i++) {
		int number = syscall_number(&syscall_rows[i]);
		uint32_t want = number >= 0 ? expected(request, number, DENY) : (uint32_t)ABSENT;

		if (want != (uint32_t)ABSENT)
			assert_int_equal(seccomp_rule_add(ctx, want, number, 0), 0);
	}
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	seccomp_release(ctx);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	while (read(fd, buf, sizeof buf) == (ssize_t)sizeof buf)
		str_add_bytes(ret, buf, sizeof buf);
	assert_true(ret->len > 0);
}

static void test_like_libseccomp(void **state)
{
	static const char *const some[] = {"@debug", "@ipc-posix", NULL}, *const less[] = {"@signal", "openat", NULL};
	const struct filter_request *requests[] = {
		&strict, &wide, &nested, &(struct filter_request){.base = FILTER_STRICT, .allow = some, .deny = less}};

	(void)state;
	for (size_t i = 0; i < countof(requests); i++) {
		autostr struct str ours = {0}, theirs = {0};

		build(requests[i], &ours);
		libseccomp_program(requests[i], &theirs);
		for (int number = -1; number < 1024; number++) {
			struct seccomp_data data = harmless(number);

			assert_int_equal(run(&ours, data), run(&theirs, data));
			data.arch = OTHER;
			assert_int_equal(run(&ours, data), run(&theirs, data));
			data = (struct seccomp_data){.nr = number | 0x40000000, .arch = NATIVE};
			assert_int_equal(run(&ours, data), run(&theirs, data));
		}
	}
}

static void refused(const char *word, int code, const char *start, const char *hint)
{
	const char *const list[] = {word, NULL};
	struct filter_request request = {.allow = list};
	autostr struct str program = {0};
	struct err e = {0};

	assert_int_equal(filter_build(&request, &program, &e), -code);
	assert_int_equal(e.code, code);
	assert_true(str_starts(e.text, start));
	assert_string_equal(e.hint, hint);
	assert_int_equal(program.len, 0);
}

static void test_refused(void **state)
{
	static const char nest[] = "security.nested-namespaces opens it for browsers and other sandboxes";
	static const char *const never[] = {"mount",          "bpf",         "userfaultfd",       "open_by_handle_at",
					    "setns",          "pidfd_getfd", "process_vm_writev", "keyctl",
					    "io_uring_setup", "clone3",      "openat2",           "init_module",
					    "reboot",         "swapon",      "quotactl",          "clock_settime",
					    "kexec_load",     "@keyring",    "@iouring",          "@perf",
					    "@mount",         "@host",       "@obsolete",         "statmount",
					    "open_tree_attr", "listns",      "perf_event_open"};
	struct err e = {0};
	autostr struct str program = {0};

	(void)state;
	for (size_t i = 0; i < countof(never); i++)
		refused(never[i], EPERM, never[i], "");
	refused("unshare", EPERM, "unshare", nest);
	refused("@nested-ns", EPERM, "@nested-ns", nest);
	refused("ptrcae", EINVAL, "'ptrcae'", "did you mean 'ptrace'?");
	refused("@signl", EINVAL, "'@signl'", "did you mean '@signal'?");
	refused("", EINVAL, "''", "");
	refused("@", EINVAL, "'@'", "");
	assert_int_equal(filter_build(&(struct filter_request){.deny = LIST("mountt")}, &program, &e), -EINVAL);
	assert_string_equal(e.hint, "did you mean 'mount'?");
	build(&(struct filter_request){.nested = true, .allow = LIST("unshare", "@nested-ns", "chroot")}, &program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),         cmocka_unit_test(test_longest), cmocka_unit_test(test_start),
		cmocka_unit_test(test_like_libseccomp), cmocka_unit_test(test_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
