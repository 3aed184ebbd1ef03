/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: what the kernel shows of the host or lets be changed: control groups, /proc, running programs, and numbers of
 * system calls that a tracer changes. */
#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __aarch64__
#include <elf.h>
#endif

static bool may_change(const char *folder)
{
	static const char *const files[] = {"cgroup.procs",      "tasks",    "memory.limit_in_bytes",
					    "notify_on_release", "pids.max", "memory.max",
					    "cgroup.kill",       "cpu.max",  "cgroup.subtree_control"};
	char path[400];

	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		if (access(path, W_OK) == 0 && open(path, O_WRONLY | O_CLOEXEC) >= 0)
			return true;
	}
	(void)snprintf(path, sizeof path, "%s/sbx-attack-group", folder);
	return mkdir(path, 0700) == 0 && rmdir(path) == 0;
}

/* Groups below /sys/fs/cgroup, or of a mount of its own. */
static int groups(int argc, char **argv)
{
	static const char *const types[] = {"cgroup", "cgroup2"};
	DIR *dir = opendir("/sys/fs/cgroup");
	const struct dirent *entry;
	char path[300];

	(void)argc, (void)argv;
	while (dir && (entry = readdir(dir))) {
		(void)snprintf(path, sizeof path, "/sys/fs/cgroup/%s", entry->d_name);
		if (may_change(path))
			return opened("'%s' can be changed", path);
	}
	if (spare_host())
		return RESULT_BROKEN;
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
		if (mount("none", "/tmp", types[i], 0, i == 0 ? "pids" : NULL) == 0)
			return opened("mounted %s", types[i]);
	return shut("no group can be changed or mounted");
}

/* PID|PROGRAM: the program that the process executes, or one that a child has executed and is no longer busy with. */
static int exe_write(int argc, char **argv)
{
	char path[64];
	int fd, link;
	pid_t pid;

	if (argc < 1)
		return broken("a process or a program is needed");
	if (argv[0][0] != '/') { /* that it is busy, the kernel only says to whoever may open it */
		(void)snprintf(path, sizeof path, "/proc/%s/exe", argv[0]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		return fd >= 0 || errno == ETXTBSY ? opened("'%s' can be written", path) : shut("'%s'", path);
	}
	pid = fork();
	if (pid == 0) {
		(void)execl(argv[0], "attack", "wait-secret", "/nowhere", "5000", (char *)NULL);
		_exit(1);
	}
	if (pid < 0)
		return broken("fork");
	(void)usleep(100000);
	(void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	link = open(path, O_PATH | O_CLOEXEC);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	if (link < 0)
		return broken("open '%s'", path);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", link);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 ? opened("'%s' can be written", argv[0]) : shut("'%s' can't be written", argv[0]);
}

/* Is /proc what it should be? */
static int proc_fake(int argc, char **argv)
{
	struct statfs st;

	(void)argc, (void)argv;
	if (statfs("/proc", &st) < 0 || statfs("/proc/self/attr", &st) < 0)
		return opened("/proc is not there");
	if (st.f_type != PROC_SUPER_MAGIC)
		return opened("/proc is of type %#lx", (unsigned long)st.f_type);
	return errno = 0, shut("/proc is a proc");
}

/* The number of the call that the stopped process enters becomes another one. */
static bool change_number(pid_t pid, long number)
{
#if defined(__x86_64__)
	return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), number) == 0;
#else
	int value = (int)number;
	struct iovec io = {&value, sizeof value};

	return ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &io) == 0;
#endif
}

/* A child asks for its parent's id, and gets what io_uring_setup says to it, if a tracer can pass the filter by. */
static int trace_rewrite(int argc, char **argv)
{
	pid_t pid = fork();
	int status;

	(void)argc, (void)argv;
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(255);
		(void)raise(SIGSTOP);
		errno = 0;
		(void)syscall(SYS_getppid, 1, NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return broken("fork");
	if (WIFEXITED(status))
		return errno = EPERM, shut("a child can't be traced");
	if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    !change_number(pid, SYS_io_uring_setup))
		return broken("trace");
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return errno = 0, shut("the child was ended");
	errno = WEXITSTATUS(status); /* EFAULT: it has looked at the pointer that is none */
	return errno == EFAULT ? opened("a number was rewritten after the filter") : shut("the rewritten number");
}

/* FILE: is it locked by somebody else? */
static int locked(int argc, char **argv)
{
	int fd = argc > 0 ? open(argv[0], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return broken("open");
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? opened("somebody has locked it") : shut("it is not locked");
}

/* PATH...: one of them, read or opened for writing, by its name or by other ways to its folder. */
static int cheat(int argc, char **argv)
{
	static const char *const ways[] = {"", "/proc/1/cwd", "/proc/1/root", "/proc/self/cwd/..",
					   "/proc/self/fd/0/.."};
	char path[4200];

	for (int i = 0; i < argc; i++)
		for (unsigned way = 0; way < sizeof ways / sizeof *ways; way++) {
			const char *name = way < 3 ? argv[i] : strrchr(argv[i], '/');
			int fd;

			(void)snprintf(path, sizeof path, "%s%s", ways[way], name ? name : "");
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0 && holds_secret(fd))
				return opened("read '%s'", path);
			fd = open(path, O_WRONLY | O_CLOEXEC);
			if (fd >= 0)
				return opened("'%s' for writing", path);
		}
	return shut("no answer is in reach");
}

const struct attack kernel_attacks[] = {
	{"groups", "change a control group", groups},
	{"exe-write", "PID|PROGRAM: write to a program that is or was executed", exe_write},
	{"proc-fake", "a /proc that is none", proc_fake},
	{"trace-rewrite", "another number of a system call after the filter", trace_rewrite},
	{"locked", "FILE: is it locked by somebody else?", locked},
	{"cheat", "PATH...: read or write one of them", cheat},
	{NULL, NULL, NULL},
};
