/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: more of what may be around a sandbox, or is tried in it: a layer that the kernel lacks, a folder that hangs,
 * a friend outside, a console; and namespaces of the payload's own. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return broken("fork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* NUMBER COMMAND...: on a kernel that has no such system call. As root without no_new_privs, for set-user-id programs.
 */
static int without_call(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argc > 0 ? (unsigned)atoi(argv[0]) : 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};

	if (argc < 2)
		return broken("a number and a command are needed");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0))
		return broken("a filter");
	return execute(argv + 1);
}

/* FOLDER COMMAND...: with a file system there of which the server never answers. In a mount namespace, as its root. */
static int dead_mount(int argc, char **argv)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), result;
	pid_t pid;

	if (argc < 2 || fd < 0)
		return broken("open /dev/fuse");
	(void)snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("dead", argv[0], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return broken("mount on '%s'", argv[0]);
	pid = fork();
	if (pid == 0)
		_exit(execute(argv + 1));
	result = wait_for(pid);
	(void)close(fd); /* whoever hangs is let go */
	return result;
}

static struct sockaddr_un unix_address(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	(void)strncpy(a.sun_path, path, sizeof a.sun_path - 1);
	return a;
}

static void give_folder(int listener, const char *folder)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec io = {(char[]){"x"}, 1};
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int peer = accept(listener, NULL, NULL), fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	(void)sendmsg(peer, &message, 0);
	(void)pause();
}

/* SOCKET FOLDER COMMAND...: with a program of the host that gives the folder to whoever asks at the socket. */
static int with_friend(int argc, char **argv)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result;
	pid_t friend, pid;

	if (argc < 3)
		return broken("a socket, a folder and a command are needed");
	a = unix_address(argv[0]);
	(void)unlink(argv[0]);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 1) < 0 || chmod(argv[0], 0777) < 0)
		return broken("listen on '%s'", argv[0]);
	friend = fork();
	if (friend == 0) {
		give_folder(fd, argv[1]);
		_exit(0);
	}
	if (friend < 0)
		return broken("fork");
	pid = fork();
	if (pid == 0)
		_exit(execute(argv + 2));
	result = wait_for(pid);
	(void)kill(friend, SIGKILL);
	return result;
}

/* SOCKET NAME: the secret of that name in the folder that the friend gives. */
static int take_folder(int argc, char **argv)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec io = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), folder;

	if (argc < 2)
		return broken("a socket and a name are needed");
	a = unix_address(argv[0]);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
		return broken("connect to '%s'", argv[0]);
	if (recvmsg(fd, &message, 0) != 1 || message.msg_controllen < CMSG_LEN(sizeof(int)))
		return broken("take the folder");
	(void)memcpy(&folder, CMSG_DATA(&control.head), sizeof folder);
	fd = openat(folder, argv[1], O_RDONLY | O_CLOEXEC);
	return fd >= 0 && holds_secret(fd) ? opened("the secret below a folder that was given")
					   : shut("the folder that was given");
}

/* COMMAND...: with a console as standard input and controlling terminal. */
static int on_console(int argc, char **argv)
{
	pid_t pid;

	if (argc < 1)
		return broken("a command is needed");
	pid = fork();
	if (pid == 0) {
		int fd = setsid() < 0 ? -1 : open("/dev/tty12", O_RDWR | O_NOCTTY);

		if (fd < 0 || ioctl(fd, TIOCSCTTY, 1) < 0 || dup2(fd, 0) < 0)
			_exit(broken("a console"));
		_exit(execute(argv));
	}
	return wait_for(pid);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool all = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return all;
}

/* ATTACK...: as root of a user namespace of one's own, in a network, IPC and pid namespace of one's own. */
static int nested(int argc, char **argv)
{
	const struct attack *a = argc > 0 ? attack_find(argv[0]) : NULL;
	char map[64];
	unsigned uid = getuid();
	pid_t pid;

	if (!a)
		return broken("an attack is needed");
	if (unshare(CLONE_NEWUSER) < 0)
		return broken("a user namespace");
	(void)snprintf(map, sizeof map, "0 %u 1\n", uid);
	if (!write_text("/proc/self/uid_map", map))
		return broken("map the id");
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID) < 0)
		return broken("the other namespaces");
	pid = fork();
	if (pid == 0)
		_exit(a->run(argc - 1, argv + 1));
	return wait_for(pid);
}

/* PATH MS: the secret, if it comes within the time. */
static int wait_secret(int argc, char **argv)
{
	if (argc < 2)
		return broken("a path and a time are needed");
	for (int left = atoi(argv[1]); left > 0; left -= 20) {
		int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && holds_secret(fd))
			return opened("read '%s'", argv[0]);
		if (fd >= 0)
			(void)close(fd);
		(void)usleep(20000);
	}
	return shut("the secret did not come");
}

const struct attack around_attacks[] = {
	{"without-call", "NUMBER COMMAND...: system call NUMBER is missing", without_call},
	{"with-dead-mount", "FOLDER COMMAND...: the folder hangs", dead_mount},
	{"with-friend", "SOCKET FOLDER COMMAND...: the folder is given away", with_friend},
	{"take-folder", "SOCKET NAME: a secret in the folder that is given", take_folder},
	{"on-console", "COMMAND...: with a console", on_console},
	{"nested", "ATTACK...: from namespaces of its own", nested},
	{"wait-secret", "PATH MS: a file that comes later", wait_secret},
	{NULL, NULL, NULL},
};
