/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-syscalls: the table has no row twice, its sets have what programs were measured to need, and its names are
 * found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "compile/filter.h"
#include "compile/filter-x86.h"
#include "compile/syscalls.h"

static void test_unique(void **state)
{
	unsigned char x86_64[512] = {0}, arm64[512] = {0};

	(void)state;
	for (unsigned i = 0; i < SYSCALL_COUNT; i++) {
		const struct syscall_row *row = &syscall_rows[i];

		assert_int_equal(syscall_find(row->name), i);
		assert_true(row->x86_64 >= -1 && row->x86_64 < 512 && row->arm64 >= -1 && row->arm64 < 512);
		assert_true(row->x86_64 >= 0 || row->arm64 >= 0);
		assert_true(row->x86_64 < 0 || x86_64[row->x86_64]++ == 0);
		assert_true(row->arm64 < 0 || arm64[row->arm64]++ == 0);
		assert_true(row->x86_64 < 424 || row->arm64 < 0 || row->x86_64 == row->arm64);
		assert_true(row->rule == RULE_NONE || syscall_grantable(row) || row->level == LEVEL_NESTED);
	}
	for (unsigned number = 0; number <= 470; number++) /* no call is left out */
		assert_int_equal(x86_64[number], number < 337 || number >= 424);
	assert_int_equal(syscall_find("no such call"), SYSCALL_COUNT);
	assert_int_equal(syscall_find(""), SYSCALL_COUNT);
}

static void test_names(void **state)
{
	autostrv struct strv names = {0};

	(void)state;
	assert_string_equal(syscall_name(SYS_read), "read");
	assert_string_equal(syscall_name(SYS_openat), "openat");
	assert_string_equal(syscall_name(SYS_mount), "mount");
	assert_string_equal(syscall_name(435), "clone3");
	assert_string_equal(syscall_name(470), "listns");
	assert_null(syscall_name(-1));
	assert_null(syscall_name(400));
	assert_null(syscall_name(471));
	strv_add(&names, "zzz");
	syscall_names(&names);
	assert_string_equal(names.v[0], "zzz");
	for (size_t i = 2; i < names.count; i++)
		assert_true(strcmp(names.v[i - 1], names.v[i]) < 0);
	assert_true(strv_has(&names, "ptrace") && strv_has(&names, "@debug") && strv_has(&names, "@inet"));
	assert_true(strv_has(&names, "read") && strv_has(&names, "@file"));
	assert_false(strv_has(&names, "mount") || strv_has(&names, "@mount") || strv_has(&names, "clone3"));
	assert_false(strv_has(&names, "unshare") || strv_has(&names, "@nested-ns") || strv_has(&names, "bpf"));
}

/* `list`: names separated by blanks, each of which must have a level up to `level`. */
static void in_set(const char *list, enum syscall_level level)
{
	autofree char *copy = xstrdup(list);
	char *rest = NULL;

	for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		enum syscall_id row = syscall_find(name);

		if (row == SYSCALL_COUNT || syscall_rows[row].level > level)
			fail_msg("%s is not in the set", name);
	}
}

/* As traced: C, C++, Python, gcc, bash, perl, node, java and javac; then two browsers. */
static void test_measured(void **state)
{
	(void)state;
	in_set("access arch_prctl brk capget chmod clock_getres clock_nanosleep clone close connect dup dup2 "
	       "epoll_create1 "
	       "epoll_ctl epoll_pwait eventfd2 execve exit exit_group faccessat2 fadvise64 fchdir fcntl flock fstat "
	       "ftruncate "
	       "futex getcwd getdents64 getegid geteuid getgid getpeername getpgrp getpid getppid getrandom getrusage "
	       "getsockname gettid getuid ioctl lseek madvise mkdir mmap mprotect munmap newfstatat openat pipe2 "
	       "pkey_alloc "
	       "prctl pread64 prlimit64 read readlink rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity "
	       "sched_yield set_robust_list set_tid_address setsockopt sigaltstack socket socketpair statfs statx "
	       "sysinfo "
	       "umask uname unlink vfork wait4 write execveat copy_file_range close_range memfd_create",
	       LEVEL_STRICT);
	in_set("bind chdir chown lchown capset fallocate fstatfs fsync fdatasync get_mempolicy set_mempolicy "
	       "getpriority "
	       "getresgid getresuid getsockopt inotify_add_watch inotify_init inotify_init1 ioprio_get ioprio_set kill "
	       "landlock_create_ruleset link listen accept accept4 mincore mlock mremap poll ppoll pselect6 readahead "
	       "recvfrom recvmsg rename restart_syscall rmdir rt_sigtimedwait sched_getattr sched_getparam "
	       "sched_getscheduler sched_setaffinity sched_setattr sched_setscheduler seccomp sendmmsg sendmsg sendto "
	       "setpriority setsid shmat shmctl shmdt shmget shutdown splice symlink timerfd_create unlinkat utimensat "
	       "waitid writev lgetxattr io_setup personality",
	       LEVEL_DEFAULT);
	assert_int_equal(syscall_rows[ROW_clone3].level, LEVEL_ABSENT);
	assert_int_equal(syscall_rows[ROW_unshare].level, LEVEL_NESTED);
}

/* Each 32-bit name has a number of its own; calls that the table has not must not hide behind another. */
static void test_x86(void **state)
{
	unsigned char seen[512] = {0};

	(void)state;
	for (unsigned i = 0; i < SYSCALL_COUNT; i++) {
		int number = filter_x86_number(syscall_rows[i].name, syscall_rows[i].x86_64);

		assert_true(number < 512);
		assert_true(number < 0 || seen[number]++ == 0);
	}
	for (size_t i = 0; i < syscall_old_count; i++) {
		int number = filter_x86_number(syscall_old[i].name, -1);

		assert_true(number >= 0 && number < 512);
		assert_int_equal(seen[number]++, 0);
	}
	assert_int_equal(filter_x86_number("exit", 60), 1);
	assert_int_equal(filter_x86_number("socket", 41), 359);
	assert_int_equal(filter_x86_number("mseal", 462), 462);
	assert_int_equal(filter_x86_number("arch_prctl", 158), 384);
	assert_int_equal(filter_x86_number("newfstatat", 262), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unique),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_measured),
		cmocka_unit_test(test_x86),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
