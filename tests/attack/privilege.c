/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: more rights: new and old namespaces, set-user-id programs, kernel switches, keys. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned long flag;
} namespaces[] = {
	{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},        {"net", CLONE_NEWNET}, {"pid", CLONE_NEWPID},
	{"ipc", CLONE_NEWIPC},   {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"time", 0x80},
};

static long call_unshare(void *flag)
{
	return syscall(SYS_unshare, *(unsigned long *)flag);
}

static long call_clone(void *flag)
{
	long pid = syscall(SYS_clone, *(unsigned long *)flag | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long call_clone3(void *flag)
{
	struct clone_args args = {.flags = *(unsigned long *)flag, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof args);

	if (pid == 0)
		_exit(0);
	return pid;
}

static int each_namespace(long (*call)(void *data), const char *what, unsigned long more)
{
	int signal, why = 0;

	for (unsigned i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
		unsigned long flag = namespaces[i].flag | more;

		if (call == call_clone && namespaces[i].flag == 0x80)
			continue; /* clone has the signal there: no namespace is made */
		if (in_child(call, &flag, &signal) >= 0)
			return opened("%s made a new %s namespace", what, namespaces[i].name);
		why = i == 0 ? errno : why;
	}
	errno = why;
	return shut("%s makes no namespace", what);
}

static int ns_unshare(int argc, char **argv)
{
	(void)argc, (void)argv;
	return each_namespace(call_unshare, "unshare", 0);
}

static int ns_clone(int argc, char **argv)
{
	(void)argc, (void)argv;
	return each_namespace(call_clone, "clone", 0);
}

static int ns_clone_high(int argc, char **argv)
{
	(void)argc, (void)argv;
	return each_namespace(call_clone, "clone with high bits", 1UL << 40);
}

static int ns_clone3(int argc, char **argv)
{
	(void)argc, (void)argv;
	return each_namespace(call_clone3, "clone3", 0);
}

/* Enters a namespace of pid 1 or of its own; even entering one's own needs a right that the payload has not. */
static int ns_enter(int argc, char **argv)
{
	char path[64];

	(void)argc, (void)argv;
	for (unsigned i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
		for (unsigned who = 0; who < 2; who++) {
			int fd;

			(void)snprintf(path, sizeof path, "/proc/%s/ns/%s", who ? "self" : "1", namespaces[i].name);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0 && setns(fd, 0) == 0)
				return opened("entered '%s'", path);
		}
	return shut("no namespace can be entered");
}

static int kernel_switches(int argc, char **argv)
{
	static const char *const files[] = {
		"/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/modprobe",
		"/proc/sysrq-trigger",
		"/proc/sys/user/max_user_namespaces",
		"/proc/sys/kernel/ns_last_pid",
		"/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/fs/binfmt_misc/register",
		"/proc/sys/kernel/hostname",
		"/proc/sys/vm/drop_caches",
		"/sys/kernel/uevent_helper",
		"/sys/power/state",
		"/sys/fs/cgroup/pids/release_agent",
		"/sys/fs/cgroup/cgroup.procs",
		"/sys/fs/cgroup/pids/cgroup.procs",
		"/dev/kmsg",
		"/dev/mem",
		"/proc/1/oom_score_adj",
		"/proc/1/uid_map",
		"/proc/1/sched",
		"/proc/kcore",
		"/proc/irq/0/smp_affinity",
	};
	int why = ENOENT;

	(void)argc, (void)argv;
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		if (open(files[i], O_WRONLY | O_CLOEXEC | O_NONBLOCK) >= 0)
			return opened("'%s' for writing", files[i]);
		if (errno != ENOENT)
			why = errno;
	}
	errno = why;
	return shut("no switch of the kernel can be written");
}

static int kernel_secrets(int argc, char **argv)
{
	static const char *const files[] = {"/proc/kcore",      "/proc/keys",        "/proc/key-users",
					    "/proc/timer_list", "/proc/sched_debug", "/proc/acpi/wakeup",
					    "/dev/mem",         "/dev/kmsg"};
	char byte;

	(void)argc, (void)argv;
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		int fd = open(files[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0 && read(fd, &byte, 1) == 1)
			return opened("'%s'", files[i]);
		if (fd >= 0)
			(void)close(fd);
	}
	return shut("nothing of the kernel can be read");
}

static bool key_holds(long key)
{
	char text[64] = "";

	return key > 0 && syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof text - 1, 0) > 0 &&
	       strstr(text, "topsecret");
}

/* [session]: the key that the setup `key` left in the caller's session keyring, or any keyring of the user's own. */
static int read_key(int argc, char **argv)
{
	int why;

	if (key_holds(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "sbx-attack", 0)))
		return opened("the key of the session keyring");
	why = errno;
	if (key_holds(syscall(SYS_request_key, "user", "sbx-attack", NULL, 0)))
		return opened("the key by request_key");
	(void)argv;
	if (argc == 0 && syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_PROCESS_KEYRING) > 0)
		return opened("the persistent keyring");
	errno = why;
	return shut("no key of the caller");
}

/* A second program: the path of a set-user-id root copy of this one, which then tells its uid. */
static int exec_suid(int argc, char **argv)
{
	char *words[] = {argc > 0 ? argv[0] : NULL, (char[]){"uid-zero"}, NULL};

	return execute(words);
}

/* The same attack once more after two executions and a fork: what confines must survive them. */
static int again(int argc, char **argv)
{
	const char *depth = getenv("ATTACK_AGAIN");
	int status;
	pid_t pid;

	if (argc < 1)
		return broken("an attack is needed");
	if (!depth && setenv("ATTACK_AGAIN", "1", 1) == 0) {
		char *words[64] = {(char[]){"/proc/self/exe"}, (char[]){"again"}};

		for (int i = 0; i < argc && i < 60; i++)
			words[i + 2] = argv[i];
		return execute(words);
	}
	pid = fork();
	if (pid == 0) {
		const struct attack *a = attack_find(argv[0]);

		_exit(a ? a->run(argc - 1, argv + 1) : broken("no attack '%s'", argv[0]));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return broken("fork");
	return WEXITSTATUS(status);
}

const struct attack privilege_attacks[] = {
	{"ns-unshare", "a new namespace by unshare", ns_unshare},
	{"ns-clone", "a new namespace by clone", ns_clone},
	{"ns-clone-high", "the same with bits that the kernel does not look at", ns_clone_high},
	{"ns-clone3", "a new namespace by clone3", ns_clone3},
	{"ns-enter", "enter a namespace of pid 1", ns_enter},
	{"kernel-switches", "write to a switch of the kernel", kernel_switches},
	{"kernel-secrets", "read what the kernel tells root only", kernel_secrets},
	{"read-key", "read a key of the caller", read_key},
	{"exec-suid", "PATH: become root by a set-user-id program", exec_suid},
	{"again", "ATTACK...: after two executions and a fork", again},
	{NULL, NULL, NULL},
};
