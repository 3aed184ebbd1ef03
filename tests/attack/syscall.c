/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: the filter itself: each number, each table, the new calls, more filters on top. */
#include "attack.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

static long call_zero(void *number)
{
	return syscall(*(long *)number, 0, 0, 0, 0, 0, 0);
}

/* Calls that no sandbox of the default set gives, by name and number of the native table. */
#define CALL(name)                                                                                                     \
	{                                                                                                              \
#name, SYS_##name                                                                                      \
	}
static const struct {
	const char *name;
	long number;
} closed[] = {
	CALL(mount),
	CALL(umount2),
	CALL(pivot_root),
	CALL(chroot),
	CALL(setns),
	CALL(unshare),
	CALL(fsopen),
	CALL(fsmount),
	CALL(fsconfig),
	CALL(fspick),
	CALL(open_tree),
	CALL(move_mount),
	CALL(mount_setattr),
	CALL(ptrace),
	CALL(kcmp),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(pidfd_getfd),
	CALL(bpf),
	CALL(perf_event_open),
	CALL(userfaultfd),
	CALL(io_uring_setup),
	CALL(io_uring_enter),
	CALL(io_uring_register),
	CALL(add_key),
	CALL(request_key),
	CALL(keyctl),
	CALL(init_module),
	CALL(finit_module),
	CALL(delete_module),
	CALL(kexec_load),
	CALL(reboot),
	CALL(swapon),
	CALL(swapoff),
	CALL(acct),
	CALL(settimeofday),
	CALL(clock_settime),
	CALL(clock_adjtime),
	CALL(adjtimex),
	CALL(open_by_handle_at),
	CALL(quotactl),
	CALL(syslog),
	CALL(vhangup),
	CALL(sethostname),
	CALL(setdomainname),
	CALL(fanotify_init),
	CALL(lookup_dcookie),
	CALL(clone3),
	{"open_tree_attr", 467},
};

/* In which of the closed calls does the kernel itself answer, and not the filter? */
static int closed_calls(int argc, char **argv)
{
	int signal;

	(void)argc, (void)argv;
	if (spare_host())
		return RESULT_BROKEN;
	for (unsigned i = 0; i < sizeof closed / sizeof *closed; i++) {
		long number = closed[i].number;
		long value = in_child(call_zero, &number, &signal);

		if (signal == SIGSYS || (value < 0 && (errno == EPERM || errno == ENOSYS)))
			continue;
		return opened("the kernel answers to %s: %ld, %s", closed[i].name, value, strerrorname_np(errno));
	}
	errno = EPERM;
	return shut("%zu calls", sizeof closed / sizeof *closed);
}

/* All numbers with all arguments zero, and the same in the x32 table; what it does, it does to children. Numbers that
 * no kernel of today has must be ENOSYS, so that libraries fall back. */
static int all_numbers(int argc, char **argv)
{
	int signal;

	(void)argc, (void)argv;
	if (spare_host())
		return RESULT_BROKEN;
	for (long n = 0; n <= 600; n++) {
		long x32 = n | 0x40000000, number = n;
		long value = in_child(call_zero, &number, &signal);

		if (n >= 550 && (value >= 0 || errno != ENOSYS || signal))
			return opened("unknown number %ld is not ENOSYS", n);
		(void)in_child(call_zero, &x32, &signal);
		if (signal != SIGSYS)
			return opened("x32 number %ld is not killed", n);
	}
	if (kill(1, 0) < 0 && errno == ESRCH)
		return opened("pid 1 is gone");
	return errno = 0, shut("all numbers have been called, pid 1 lives");
}

#ifdef __x86_64__
static long call_int80(void *number)
{
	long result = *(long *)number;

	__asm__ volatile("push %%rbx; xor %%ebx, %%ebx; int $0x80; pop %%rbx"
			 : "+a"(result)
			 : "c"(0L), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* FIRST LAST: numbers of the i386 table, by int 0x80. */
static int int80(int argc, char **argv)
{
	long first = argc > 0 ? atol(argv[0]) : 20, last = argc > 1 ? atol(argv[1]) : first;
	int signal;

	if (last > first && spare_host())
		return RESULT_BROKEN;
	for (long n = first; n <= last; n++) {
		long number = n;

		(void)in_child(call_int80, &number, &signal);
		if (signal == SIGSEGV)
			return errno = 0, shut("this kernel has no i386 table");
		if (signal != SIGSYS)
			return opened("i386 number %ld is not killed", n);
	}
	return errno = 0, shut("all numbers are killed");
}

static long call_x32(void *unused)
{
	(void)unused;
	return syscall(0x40000000 | SYS_getpid);
}

static int x32(int argc, char **argv)
{
	int signal;
	long value = in_child(call_x32, NULL, &signal);

	(void)argc, (void)argv;
	if (signal == SIGSYS)
		return errno = 0, shut("killed");
	return opened("the kernel's own table answers: %ld, %s", value, strerrorname_np(errno));
}
#else
static int int80(int argc, char **argv)
{
	(void)argc, (void)argv;
	return errno = 0, broken("x86 only");
}

static int x32(int argc, char **argv)
{
	return int80(argc, argv);
}
#endif

static void *thread(void *arg)
{
	return arg;
}

/* clone3 can't be looked into by a filter; it must be ENOSYS, for then libraries make threads by clone. */
static int clone3_call(int argc, char **argv)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof args);
	pthread_t made;
	int why = errno;

	(void)argc, (void)argv;
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		return opened("clone3 made process %ld", pid);
	if (why != ENOSYS)
		return opened("clone3 is %s, not ENOSYS: libraries do not fall back", strerrorname_np(why));
	if (pthread_create(&made, NULL, thread, NULL) != 0)
		return opened("no thread can be made");
	(void)pthread_join(made, NULL);
	errno = why;
	return shut("clone3; a thread can be made");
}

/* A filter of the payload's own that allows everything, then the attack: filters only narrow. */
static int after_filter(int argc, char **argv)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};
	const struct attack *a = argc > 0 ? attack_find(argv[0]) : NULL;

	if (!a)
		return broken("an attack is needed");
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	return a->run(argc - 1, argv + 1);
}

/* No address space randomization: a step towards using a fault. */
static int no_aslr(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (personality(ADDR_NO_RANDOMIZE) < 0)
		return shut("personality");
	return opened("personality");
}

/* Memory that can be written and executed. */
static int writable_code(int argc, char **argv)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)argc, (void)argv;
	if (page != MAP_FAILED)
		return opened("mmap");
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0)
		return opened("mprotect");
	return shut("no memory becomes executable");
}

const struct attack syscall_attacks[] = {
	{"closed-calls", "calls that the kernel must not see", closed_calls},
	{"all-numbers", "each number with zeros", all_numbers},
	{"int80", "FIRST LAST: the i386 table", int80},
	{"x32", "the x32 table", x32},
	{"clone3-call", "a process by clone3", clone3_call},
	{"after-filter", "ATTACK...: after a filter of one's own", after_filter},
	{"no-aslr", "switch address randomization off", no_aslr},
	{"writable-code", "memory that is writable and executable", writable_code},
	{NULL, NULL, NULL},
};
