/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-filter-live: the kernel's own answers in a child that has loaded a filter, and, as a control, in one that has
 * not. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "compile/filter.h"

enum { NOT_LOADED = 250 };

static const struct filter_request strict = {.base = FILTER_STRICT}, wide = {.base = FILTER_DEFAULT};

static int load_filter(const struct filter_request *request, unsigned flags)
{
	autostr struct str program = {0};
	struct err e = {0};
	struct sock_fprog fprog;

	if (filter_build(request, &program, &e) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	fprog.len = (unsigned short)(program.len / sizeof(struct sock_filter));
	fprog.filter = (struct sock_filter *)(void *)program.s;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
}

/* The wait status of a child that loads the filter (NULL: none) and exits with what `call` returns. */
static int in_child(const struct filter_request *request, int (*call)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL); /* cmocka's handler is the parent's */
		if (request && load_filter(request, 0) != 0)
			_exit(NOT_LOADED);
		_exit(call());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* 0 or the errno of a raw call. */
static int result(long r)
{
	return r < 0 ? errno : 0;
}

static int push_input(void)
{
	return result(syscall(SYS_ioctl, STDOUT_FILENO, TIOCSTI | UINT64_C(1) << 32, 0));
}

static int open_inet(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int open_raw(void)
{
	return result(syscall(SYS_socket, AF_INET, SOCK_RDM, 0));
}

static int make_suid(void)
{
	return result(fchmod(memfd_create("suid", MFD_CLOEXEC), 04755));
}

static int make_process(void)
{
	return result(syscall(SYS_clone3, NULL, 0));
}

static int make_namespace(void)
{
	return result(syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS | UINT64_C(1) << 40, 0, 0, 0, 0));
}

static int leave_table(void)
{
	return result(unshare(CLONE_FILES));
}

static int be_traced(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int fixed_addresses(void)
{
	return result(syscall(SYS_personality, 0x40000));
}

static int open_carefully(void)
{
	return result(syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0));
}

static int read_key(void)
{
	return result(syscall(SYS_keyctl, -1, 0, 0, 0, 0));
}

static int move_affinity(void)
{
	cpu_set_t all;

	return result(sched_getaffinity(0, sizeof all, &all)) + result(sched_setaffinity(0, sizeof all, &all));
}

static void test_denied(void **state)
{
	const struct filter_request fixed = {.base = FILTER_DEFAULT, .fixed_affinity = true};
	const struct {
		const struct filter_request *request;
		int (*call)(void);
		int want;
	} tries[] = {
		{&strict, push_input, EPERM},    {&wide, push_input, EPERM},       {&strict, open_inet, EAFNOSUPPORT},
		{&wide, open_raw, EPERM},        {&strict, make_suid, EPERM},      {&wide, make_suid, EPERM},
		{&wide, make_process, ENOSYS},   {&strict, make_namespace, EPERM}, {&wide, make_namespace, EPERM},
		{&wide, leave_table, EPERM},     {&wide, be_traced, EPERM},        {&wide, fixed_addresses, EPERM},
		{&wide, open_carefully, ENOSYS}, {&wide, read_key, EPERM},         {&fixed, move_affinity, EPERM},
	};

	(void)state;
	for (size_t i = 0; i < countof(tries); i++) {
		int control = in_child(NULL, tries[i].call), status = in_child(tries[i].request, tries[i].call);

		assert_true(WIFEXITED(control) && WIFEXITED(status));
		if (WEXITSTATUS(status) != tries[i].want || WEXITSTATUS(control) == tries[i].want)
			fail_msg("try %zu: %d with the filter, %d without", i, WEXITSTATUS(status),
				 WEXITSTATUS(control));
	}
}

static void *end_thread(void *arg)
{
	return arg;
}

static int make_thread(void)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, end_thread, NULL);

	return r ? r : pthread_join(thread, NULL);
}

static int run_shell(void)
{
	execl("/bin/sh", "sh", "-c", "x=$(echo a | cat) && [ \"$x\" = a ] && : </dev/null", NULL);
	return 127;
}

static int talk_locally(void)
{
	int pair[2];
	char byte = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return errno;
	return write(pair[0], "x", 1) == 1 && read(pair[1], &byte, 1) == 1 && byte == 'x' ? 0 : EIO;
}

static int unknown_call(void)
{
	return result(syscall(600)) == ENOSYS && result(syscall(-1)) == ENOSYS ? 0 : 1;
}

static void test_allowed(void **state)
{
	static int (*const calls[])(void) = {make_thread, run_shell, talk_locally, unknown_call};

	(void)state;
	for (size_t i = 0; i < countof(calls); i++) {
		assert_int_equal(in_child(&strict, calls[i]), 0);
		assert_int_equal(in_child(&wide, calls[i]), 0);
	}
	assert_int_equal(in_child(&(struct filter_request){.base = FILTER_DEFAULT, .nested = true}, leave_table), 0);
	assert_int_equal(in_child(&wide, open_inet), 0);
	assert_int_equal(in_child(&wide, move_affinity), 0);
}

static void killed(const struct filter_request *request, int (*call)(void))
{
	int status = in_child(request, call);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

#if defined __x86_64__
static int call_x32(void)
{
	return (int)syscall(0x40000000 | SYS_getpid) < 0;
}

/* getpid of the 32-bit table, then mount of it. */
static int call_i386(void)
{
	int pid, mounted;

	__asm__ volatile("int $0x80" : "=a"(pid) : "0"(20) : "memory", "r8", "r9", "r10", "r11");
	__asm__ volatile("int $0x80"
			 : "=a"(mounted)
			 : "0"(21), "b"(0), "c"(0), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return pid == getpid() && mounted == -EPERM ? 0 : 1;
}

static void test_other_tables(void **state)
{
	(void)state;
	killed(&wide, call_x32);
	killed(&strict, call_x32);
	if (WIFSIGNALED(in_child(NULL, call_i386))) {
		print_message("# this kernel has no 32-bit table\n");
		return;
	}
	killed(&strict, call_i386);
	killed(&wide, call_i386);
	assert_int_equal(in_child(&(struct filter_request){.base = FILTER_STRICT, .x86 = true}, call_i386), 0);
}
#endif

static void test_kill(void **state)
{
	const struct filter_request request = {.base = FILTER_STRICT, .denied = FILTER_KILL};

	(void)state;
	killed(&request, be_traced);
	killed(&request, make_suid);
	killed(&request, open_inet);
	assert_int_equal(in_child(&request, make_thread), 0);
	assert_int_equal(in_child(&request, make_process), ENOSYS << 8);
}

/* A denied call comes to the listener with its number; an absent one does not. */
static int hear_of_it(void)
{
	const struct filter_request request = {.base = FILTER_STRICT, .denied = FILTER_NOTIFY};
	struct seccomp_notif call = {0};
	struct seccomp_notif_resp answer = {.error = -EPERM};
	int status, listener = load_filter(&request, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	pid_t pid;

	if (listener < 0)
		return NOT_LOADED;
	pid = fork();
	if (pid == 0)
		_exit(make_process() == ENOSYS && be_traced() == EPERM ? 0 : 1);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0 || call.data.nr != SYS_ptrace)
		return 2;
	answer.id = call.id;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) != 0)
		return 3;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 4;
}

static void test_notify(void **state)
{
	(void)state;
	assert_int_equal(in_child(NULL, hear_of_it), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_notify),
#if defined __x86_64__
		cmocka_unit_test(test_other_tables),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
