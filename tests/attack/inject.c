/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: faults: makes one system call of the set-up fail, in one process of a command, and tells which it was.
 *
 *   inject list FILE COMMAND...                    writes `PROCESS NUMBER CALL` for each call, but those of the payload
 *   inject PROCESS:NUMBER:ERRNO FILE COMMAND...    that one fails; FILE gets its line, if it was reached, and `after`
 * at its end if the payload's exec had happened inject CALL:ERRNO FILE COMMAND...              all calls of that number
 * of the kernel's table fail
 *
 * Processes are counted as they are made, from 0; calls in each process, from 1. (strace counts in all processes at
 * once, so that a call of a child can't be hit if the parent makes one with the same number before.) The status is the
 * command's, or 99 if this program fails, or 98 if a process lives on two seconds after the command. After 20 seconds a
 * signal ends this program, and all that it traces. FILE begins with `pid NUMBER`, of the command.
 */
#include "attack.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <linux/ptrace.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 64, FAILED = 99, LEFT = 98, PATIENCE = 20 };

struct process {
	pid_t pid;
	bool gone, entered, fail, payload;
	unsigned calls;
};

static struct {
	struct process process[PROCESSES];
	unsigned count;
	bool list, started; /* started: the payload's exec has happened */
	long number;        /* of the system call; -1: by place */
	unsigned who, which;
	int error;
	FILE *log;
} run;

static const struct {
	const char *name;
	int error;
} errors[] = {{"EPERM", EPERM}, {"ENOSYS", ENOSYS}, {"ENOMEM", ENOMEM},
	      {"EINTR", EINTR}, {"EMFILE", EMFILE}, {"ENOSPC", ENOSPC}};

static struct process *find(pid_t pid)
{
	for (unsigned i = 0; i < run.count; i++)
		if (run.process[i].pid == pid && !run.process[i].gone)
			return &run.process[i];
	if (run.count == PROCESSES)
		_exit(FAILED);
	run.process[run.count] = (struct process){.pid = pid, .payload = run.started};
	return &run.process[run.count++];
}

/* Changes the number of the call that is being entered, or its result when it is left. */
static void change(pid_t pid, bool enter, long value)
{
#if defined(__x86_64__)
	size_t offset = enter ? offsetof(struct user_regs_struct, orig_rax) : offsetof(struct user_regs_struct, rax);

	if (ptrace(PTRACE_POKEUSER, pid, offset, value) < 0)
		_exit(FAILED);
#elif defined(__aarch64__)
	struct user_regs_struct regs;
	int number = (int)value;
	struct iovec io = {&number, sizeof number};

	if (enter && ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &io) < 0)
		_exit(FAILED);
	io = (struct iovec){&regs, sizeof regs};
	if (!enter && ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io) == 0) {
		regs.regs[0] = (uint64_t)value;
		(void)ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
	}
#endif
}

/* A call that can't fail, or that the program does not see failing; brk has no errno, it answers with the old break. */
static bool is_spared(uint64_t number)
{
	return number == SYS_brk || number == SYS_exit_group || number == SYS_exit || number == SYS_rt_sigreturn ||
	       number == SYS_restart_syscall;
}

static void at_call(struct process *p)
{
	struct __ptrace_syscall_info info;
	unsigned who = (unsigned)(p - run.process);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->fail) {
		change(p->pid, false, -run.error);
		p->fail = false;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || p->payload || is_spared(info.entry.nr))
		return;
	p->calls++;
	if (run.list) {
		(void)fprintf(run.log, "%u %u %llu\n", who, p->calls, (unsigned long long)info.entry.nr);
	} else if (run.number >= 0 ? (uint64_t)run.number == info.entry.nr : run.who == who && run.which == p->calls) {
		(void)fprintf(run.log, "%u %u %llu%s\n", who, p->calls, (unsigned long long)info.entry.nr,
			      run.started ? " after" : "");
		/* Linux has freed the fd whatever close answers, so this one is made, and only its answer is changed */
		if (info.entry.nr != SYS_close)
			change(p->pid, true, -1);
		p->fail = true;
	}
}

/* Stops cost most of the time, so only calls that may be the one are stopped at. */
static bool is_watched(const struct process *p)
{
	if (p->payload)
		return false;
	return run.list || run.number >= 0 || p->fail ||
	       (run.who == (unsigned)(p - run.process) && p->calls < run.which);
}

static void at_stop(pid_t pid, int status)
{
	struct process *p = find(pid);
	int signal = WSTOPSIG(status), event = status >> 16;

	if (signal == (SIGTRAP | 0x80)) {
		at_call(p);
		signal = 0;
	} else if (event || signal == SIGTRAP || (signal == SIGSTOP && !p->entered)) {
		if (event == PTRACE_EVENT_EXEC && p != run.process)
			run.started = p->payload = true;
		signal = 0;
	}
	p->entered = true;
	(void)ptrace(is_watched(p) ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, (long)signal);
}

static unsigned living(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < run.count; i++)
		n += !run.process[i].gone;
	return n;
}

static int end_the_rest(int result)
{
	for (unsigned i = 0; i < run.count; i++)
		if (!run.process[i].gone) {
			(void)kill(run.process[i].pid, SIGKILL);
			result = LEFT;
		}
	return result;
}

static int follow(pid_t command)
{
	struct timespec pause = {.tv_nsec = 1000000};
	int status, result = FAILED, idle = 0;

	while (living() > 0) {
		pid_t pid = waitpid(-1, &status, __WALL | (result == FAILED ? 0 : WNOHANG));

		if (pid == 0) {
			if (++idle == 2000)
				return end_the_rest(result);
			(void)nanosleep(&pause, NULL);
		} else if (pid < 0) {
			return errno == ECHILD ? result : FAILED;
		} else if (WIFSTOPPED(status)) {
			at_stop(pid, status);
		} else {
			find(pid)->gone = true;
			if (pid == command)
				result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	}
	return result;
}

static int read_place(const char *text)
{
	const char *name = strrchr(text, ':');

	run.number = -1;
	if (!strcmp(text, "list")) {
		run.list = true;
		return 0;
	}
	for (size_t i = 0; name && i < sizeof errors / sizeof *errors; i++)
		if (!strcmp(errors[i].name, name + 1))
			run.error = errors[i].error;
	if (!run.error)
		return -1;
	if (sscanf(text, "%u:%u:", &run.who, &run.which) != 2)
		run.number = strtol(text, NULL, 10);
	return 0;
}

/* FILE PATH: what the payload of a faulted run tells in the file: nothing at first, so that it is seen that it ran,
 * then "complete", or the layers that it misses. */
static int all_layers(int argc, char **argv)
{
	char nine[] = "9", local[] = "127.0.0.1", none[] = "";
	char *secret[] = {argc > 1 ? argv[1] : none, NULL}, *port[] = {local, nine, NULL};
	const struct {
		const char *id;
		int argc;
		char **argv;
		int error; /* that it must fail with; 0: any */
	} tries[] = {
		{"privilege-state", 0, NULL, 0}, {"mount-table", 0, NULL, 0},   {"fd-leaked", 0, NULL, 0},
		{"ns-unshare", 0, NULL, 0},      {"read-secret", 1, secret, 0}, {"tcp-connect", 2, port, EACCES},
		{"proc-one", 1, secret, 0},      {"signal-state", 0, NULL, 0},
	};
	char missing[400] = "";
	FILE *file;

	file = argc > 1 ? fopen(argv[0], "we") : NULL;
	if (!file || fclose(file) != 0)
		return broken("make the file");
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		const struct attack *a = attack_find(tries[i].id);
		int result;

		errno = 0;
		result = a ? a->run(tries[i].argc, tries[i].argv) : RESULT_BROKEN;
		if (result != RESULT_SHUT || (tries[i].error && errno != tries[i].error))
			(void)strcat(strcat(missing, tries[i].id), " ");
	}
	file = fopen(argv[0], "we");
	if (!file)
		return broken("make the file");
	(void)fprintf(file, "%s\n", *missing ? missing : "complete");
	return fclose(file) == 0 ? 0 : RESULT_BROKEN;
}

static int inject(int argc, char **argv)
{
	static const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	pid_t pid;
	int status;

	if (argc < 3 || read_place(argv[0]) < 0 || !(run.log = fopen(argv[1], "we")))
		return broken("usage: inject list|PROCESS:NUMBER:ERRNO|CALL:ERRNO FILE COMMAND..."), FAILED;
	pid = fork();
	if (pid == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		(void)execv(argv[2], argv + 2);
		_exit(FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || ptrace(PTRACE_SETOPTIONS, pid, NULL, options) < 0)
		return FAILED;
	(void)fprintf(run.log, "pid %d\n", pid);
	(void)fflush(run.log); /* told even if the alarm ends us */
	(void)alarm(PATIENCE);
	find(pid)->entered = true;
	/* calls count from the command's exec on, which PTRACE_O_TRACEEXEC reports */
	(void)ptrace(PTRACE_CONT, pid, NULL, NULL);
	status = follow(pid);
	return fclose(run.log) == 0 ? status : FAILED;
}

const struct attack fault_setups[] = {
	{"inject", "PLACE FILE COMMAND...: a system call fails", inject},
	{"all-layers", "FILE PATH: tell in FILE which layers are missing", all_layers},
	{NULL, NULL, NULL},
};
