/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* floor: the work of a full sandbox by the fewest system calls, as a measuring stick for sbx. No product: it takes
 * every input as friendly, tells errors by a word and an errno, and lacks what makes a sandbox safe beyond this work.
 *
 *   floor [-I] [-r RANGES] [-w FILE] [VIEW...] -- COMMAND [ARG]...
 *     -I         a pid 1 that reaps: one process more
 *     -r RANGES  of the filter; it has 2 * RANGES + 3 instructions
 *     -w FILE    write the filter there, for a launcher that wants it, and stop
 *   VIEW is what bench.py makes of a plan of sbx, paths without the first slash:
 *     mkdir PATH, link PATH TEXT, point PATH (an empty file), file PATH TEXT, scratch PATH, proc PATH, devpts PATH,
 *     bind PATH SOURCE, bind-ro PATH SOURCE, landlock PATH
 *
 * All seven namespaces, the caller as their root, a tmpfs as the root and one for all scratch folders, the view,
 * pivot_root, loopback, no capability in any set, no_new_privs, Landlock, a filter that is a search by halves among
 * ranges of numbers. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What musl's headers lack. */
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif
#define RECURSIVE 0x8000

#ifdef __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE AUDIT_ARCH_X86_64
#endif

enum { FAILED = 120, STACK = 1 << 16, RANGES_MAX = 400, CALLS = 470, FIRST_DENIED = 340 };

struct mount_attributes {
	uint64_t set, clear, propagation, user_namespace;
};

struct floor {
	char **view, **rules, **command;
	int scratch, scratches;
	char uid_map[32], gid_map[32];
	struct sock_filter code[2 * RANGES_MAX + 8];
	struct sock_fprog filter;
	int ranges;
	int reap;
	char stack[STACK] __attribute__((aligned(64)));
	char stack_of_command[STACK] __attribute__((aligned(64)));
};

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	dprintf(STDERR_FILENO, "floor: %s: %s\n", what, strerror(errno));
	_exit(FAILED);
}

static void emit(struct floor *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	f->code[f->filter.len++] = (struct sock_filter){code, yes, no, k};
}

/* The ranges from..to-1 by halves; the jump over the lower half is at most 255 long. */
static void emit_ranges(struct floor *f, int from, int to)
{
	int middle = (from + to) / 2, jump;

	if (to - from == 1) {
		uint32_t first = (uint32_t)(from * CALLS / f->ranges);

		emit(f, BPF_RET | BPF_K, 0, 0,
		     first >= FIRST_DENIED && from % 2 ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
		return;
	}
	jump = f->filter.len;
	emit(f, BPF_JMP | BPF_JGE | BPF_K, 0, 0, (uint32_t)(middle * CALLS / f->ranges));
	emit_ranges(f, from, middle);
	check(f->filter.len - jump - 1 < 256 ? 0 : -1, "filter too long");
	f->code[jump].jt = (uint8_t)(f->filter.len - jump - 1);
	emit_ranges(f, middle, to);
}

static void make_filter(struct floor *f)
{
	f->filter.filter = f->code;
	emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, 4);
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCHITECTURE);
	emit(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
	emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
	emit_ranges(f, 0, f->ranges);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd, path);
	check(write(fd, text, strlen(text)), path);
	close(fd);
}

static void attach(long fd, uint64_t flags, const char *target)
{
	struct mount_attributes a = {.set = flags};

	check(fd, target);
	check(syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | RECURSIVE, &a, sizeof(a)), "mount_setattr");
	check(syscall(SYS_move_mount, fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
	close((int)fd);
}

/* The tmpfs of the scratch folders lies where proc will cover it. */
static void make_scratch(struct floor *f, const char *target)
{
	char name[16];

	if (!f->scratches) {
		check(mount("tmpfs", "proc", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"), "tmpfs");
		f->scratch = open("proc", O_PATH | O_CLOEXEC);
	}
	snprintf(name, sizeof(name), "%d", f->scratches++);
	check(mkdirat(f->scratch, name, 0755), "scratch");
	attach(syscall(SYS_open_tree, f->scratch, name, OPEN_TREE_CLONE | O_CLOEXEC), 2, target);
}

static void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	check(fd, path);
	check(write(fd, text, strlen(text)), path);
	close(fd);
}

/* One word of the view with what follows it; returns where the next one is. */
static char **show(struct floor *f, char **view)
{
	const char *what = view[0], *path = view[1];

	if (!strcmp(what, "mkdir"))
		check(mkdir(path, 0755), path);
	else if (!strcmp(what, "point"))
		check(mknod(path, S_IFREG | 0644, 0), path);
	else if (!strcmp(what, "scratch"))
		make_scratch(f, path);
	else if (!strcmp(what, "proc"))
		check(mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "proc");
	else if (!strcmp(what, "devpts"))
		check(mount("devpts", path, "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=620"), "devpts");
	else if (!strcmp(what, "link"))
		check(symlink(view[2], path), path);
	else if (!strcmp(what, "file"))
		make_file(path, view[2]);
	else if (!strcmp(what, "bind") || !strcmp(what, "bind-ro"))
		attach(syscall(SYS_open_tree, AT_FDCWD, view[2], OPEN_TREE_CLONE | O_CLOEXEC | RECURSIVE),
		       what[4] ? 3 : 2, path);
	else
		check(-1, what);
	return view + (!strcmp(what, "link") || !strcmp(what, "file") || what[0] == 'b' ? 3 : 2);
}

static void make_view(struct floor *f)
{
	check(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"), "tmpfs");
	check(chdir("/mnt"), "chdir");
	for (f->rules = f->view; *f->rules && strcmp(*f->rules, "landlock");)
		f->rules = show(f, f->rules);
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount");
	check(chdir("/"), "chdir");
}

static void loopback(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check(fd, "socket");
	check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	check(syscall(SYS_capset, &header, none), "capset");
}

static void landlock(struct floor *f)
{
	uint64_t handled = 0x1fff, read = 0xd;
	long set = syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);

	for (char **rule = f->rules; *rule; rule += 2) {
		struct landlock_path_beneath_attr attr = {read, open(rule[1], O_PATH | O_CLOEXEC)};

		if (!syscall(SYS_landlock_add_rule, set, 1, &attr, 0)) {
			close(attr.parent_fd);
			continue;
		}
		attr.allowed_access = 4; /* it is a file */
		check(syscall(SYS_landlock_add_rule, set, 1, &attr, 0), rule[1]);
		close(attr.parent_fd);
	}
	check(syscall(SYS_landlock_restrict_self, set, 0), "landlock_restrict_self");
}

static int execute(void *data)
{
	struct floor *f = data;

	drop_capabilities();
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	landlock(f);
	check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &f->filter), "seccomp");
	execv(f->command[0], f->command);
	check(-1, f->command[0]);
	return FAILED;
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int enter(void *data)
{
	struct floor *f = data;
	int status;
	pid_t pid;

	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/uid_map", f->uid_map);
	write_text("/proc/self/gid_map", f->gid_map);
	make_view(f);
	loopback();
	if (!f->reap)
		return execute(f);
	pid = clone(execute, f->stack_of_command + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, f);
	check(pid, "clone of the command");
	while (waitpid(-1, &status, 0) != pid)
		;
	_exit(status_of(status));
}

static int write_filter(const struct floor *f, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	check(fd, path);
	check(write(fd, f->code, f->filter.len * sizeof(*f->code)), path);
	return close(fd);
}

int main(int argc, char **argv)
{
	static struct floor f = {.ranges = 72};
	const char *file = NULL;
	int option, status;
	pid_t pid;

	while ((option = getopt(argc, argv, "+Ir:w:")) != -1) {
		if (option == 'I')
			f.reap = 1;
		else if (option == 'r')
			f.ranges = (int)strtol(optarg, NULL, 10);
		else if (option == 'w')
			file = optarg;
	}
	check(f.ranges > 0 && f.ranges <= RANGES_MAX ? 0 : -1, "ranges");
	make_filter(&f);
	if (file)
		return write_filter(&f, file);
	f.view = f.command = argv + optind;
	while (*f.command && strcmp(*f.command, "--"))
		f.command++;
	check(f.command[0] && f.command[1] ? 0 : -1,
	      "usage: floor [-I] [-r RANGES] [-w FILE] [VIEW...] -- COMMAND [ARG]...");
	*f.command++ = NULL;
	snprintf(f.uid_map, sizeof(f.uid_map), "0 %u 1", geteuid());
	snprintf(f.gid_map, sizeof(f.gid_map), "0 %u 1", getegid());
	pid = clone(enter, f.stack + STACK,
		    CLONE_VM | CLONE_VFORK | CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
			    CLONE_NEWNET | CLONE_NEWCGROUP | SIGCHLD,
		    &f);
	check(pid, "clone");
	check(waitpid(pid, &status, 0), "wait");
	return status_of(status);
}
