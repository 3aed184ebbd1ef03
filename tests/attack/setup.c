/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: hostile states of the caller, and things of the host that the command may not reach. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int no_argv(int argc, char **argv)
{
	(void)argc;
	(void)syscall(SYS_execve, argv[0], NULL, NULL);
	return broken("execute '%s'", argv[0]);
}

static int empty_name(int argc, char **argv)
{
	char *program = argv[0];

	if (argc < 1)
		return broken("a command is missing");
	argv[0] = (char[]){""};
	(void)execv(program, argv);
	return broken("execute '%s'", program);
}

/* DIGITS COMMAND...: closes the fds that the digits name. */
static int closed_fds(int argc, char **argv)
{
	if (argc < 2)
		return broken("fds and a command are needed");
	for (const char *digit = argv[0]; *digit; digit++)
		(void)close(*digit - '0');
	return execute(argv + 1);
}

/* 3 to 1023 open: folders (also O_PATH), sockets, epoll, memfd, pidfd, files. */
static int many_fds(int argc, char **argv)
{
	int fds[] = {
		open("/", O_RDONLY | O_DIRECTORY), open("/", O_PATH | O_DIRECTORY),
		socket(AF_UNIX, SOCK_STREAM, 0),   epoll_create1(0),
		memfd_create("secret", 0),         (int)syscall(SYS_pidfd_open, getpid(), 0),
		open("/etc/passwd", O_RDONLY),     open("/etc", O_PATH),
	};

	struct rlimit files;

	(void)argc;
	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_max < 1024 + 256)
		return broken("the command could open no file more");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return broken("raise the limit of open files");
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)dup2(fds[fd % 8], fd);
	return execute(argv);
}

/* All signals blocked and ignored, SIGCHLD too. */
static int no_signals(int argc, char **argv)
{
	sigset_t all;

	(void)argc;
	for (int n = 1; n <= SIGRTMAX; n++)
		(void)signal(n, SIG_IGN);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	return execute(argv);
}

static int timers(int argc, char **argv)
{
	const char *slow = getenv("SBX_TEST_SLOW");
	struct itimerval second = {.it_value = {.tv_sec = slow ? strtol(slow, NULL, 10) : 1}};

	(void)argc;
	(void)setitimer(ITIMER_REAL, &second, NULL);
	second.it_value.tv_sec = 100;
	(void)setitimer(ITIMER_PROF, &second, NULL);
	return execute(argv);
}

/* OCTAL COMMAND... */
static int with_umask(int argc, char **argv)
{
	if (argc < 2)
		return broken("a mask and a command are needed");
	(void)umask((mode_t)strtoul(argv[0], NULL, 8));
	return execute(argv + 1);
}

static int odd_process(int argc, char **argv)
{
	(void)argc;
	(void)personality(ADDR_NO_RANDOMIZE);
	(void)prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
	(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	return execute(argv);
}

static int fifo_scheduling(int argc, char **argv)
{
	struct sched_param one = {.sched_priority = 1};

	(void)argc;
	if (sched_setscheduler(0, SCHED_FIFO, &one) < 0)
		return broken("real-time scheduling");
	return execute(argv);
}

/* Variables that no shell would give: names twice, no '=', 128 KiB, bytes that are not UTF-8. */
static int odd_variables(int argc, char **argv)
{
	static char big[(128 << 10) - 8];
	char *variables[] = {
		(char[]){"PATH=/usr/bin:/bin"},
		(char[]){"LANG=C"},
		(char[]){"LANG=evil"},
		(char[]){"NO_EQUALS"},
		(char[]){"=empty"},
		(char[]){"TERM=\xff\xfe\x1b[31m"},
		big,
		(char[]){"HOME=/nonexistent"},
		(char[]){""},
		NULL,
	};

	if (argc < 1)
		return broken("a command is missing");
	(void)memset(big, 'x', sizeof big - 1);
	(void)memcpy(big, "TZ=", 3);
	(void)execve(argv[0], argv, variables);
	return broken("execute '%s'", argv[0]);
}

/* A new session keyring with the key that `read-key` looks for. */
static int with_key(int argc, char **argv)
{
	(void)argc;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", "sbx-attack", "topsecret", 9, KEY_SPEC_SESSION_KEYRING) < 0)
		return broken("add a key");
	return execute(argv);
}

/* Runs the command with `from` replaced by `to` in each word, and waits for it. */
static int run_with(char **argv, const char *from, const char *to)
{
	int status;
	pid_t pid;

	for (char **word = argv; *word; word++)
		if (!strcmp(*word, from))
			*word = strdup(to);
	pid = fork();
	if (pid == 0)
		_exit(execute(argv));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return broken("fork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* COMMAND...: a TCP and a UDP listener of the host on one port of 127.0.0.1; the word PORT becomes its number. */
static int with_listener(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, peer;
	socklen_t length = sizeof a;
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char number[8], text[16];
	pid_t pid;
	int result;

	(void)argc;
	if (bind(tcp, (struct sockaddr *)&a, sizeof a) < 0 || listen(tcp, 64) < 0 ||
	    getsockname(tcp, (struct sockaddr *)&a, &length) < 0 || bind(udp, (struct sockaddr *)&a, sizeof a) < 0)
		return broken("listen");
	(void)snprintf(number, sizeof number, "%u", ntohs(a.sin_port));
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;) {
			length = sizeof peer;
			if (recvfrom(udp, text, sizeof text, 0, (struct sockaddr *)&peer, &length) > 0)
				(void)sendto(udp, text, 1, 0, (struct sockaddr *)&peer, length);
		}
	}
	result = run_with(argv, "PORT", number);
	if (pid > 0)
		(void)kill(pid, SIGKILL);
	return result;
}

/* PATH|@NAME COMMAND...: a listening unix socket of the host. */
static int with_unix(int argc, char **argv)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result;
	socklen_t length;

	if (argc < 2 || strlen(argv[0]) >= sizeof a.sun_path)
		return broken("a path and a command are needed");
	(void)memcpy(a.sun_path, argv[0], strlen(argv[0]));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(argv[0]));
	if (a.sun_path[0] == '@')
		a.sun_path[0] = '\0';
	else
		(void)unlink(argv[0]);
	if (bind(fd, (struct sockaddr *)&a, length) < 0 || listen(fd, 64) < 0)
		return broken("listen on '%s'", argv[0]);
	(void)chmod(argv[0], 0777);
	result = run_with(argv + 1, "", "");
	(void)unlink(argv[0]);
	return result;
}

/* COMMAND...: System V memory of the host; the word KEY becomes its key. */
static int with_shm(int argc, char **argv)
{
	key_t key = 0x5b580000 + (key_t)getpid() % 0xffff;
	int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0666), result;
	char *at = id < 0 ? (void *)-1 : shmat(id, NULL, 0), text[16];

	(void)argc;
	if (at == (void *)-1)
		return broken("shmget");
	(void)memcpy(at, "SECRET", 6);
	(void)snprintf(text, sizeof text, "%#x", (unsigned)key);
	result = run_with(argv, "KEY", text);
	(void)shmctl(id, IPC_RMID, NULL);
	return result;
}

/* COMMAND...: a message queue of the host; the word QUEUE becomes its name. */
static int with_mq(int argc, char **argv)
{
	char name[32];
	mqd_t queue;
	int result;

	(void)argc;
	(void)snprintf(name, sizeof name, "/sbx-attack-%d", (int)getpid());
	queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0666, NULL);
	if (queue < 0)
		return broken("mq_open");
	result = run_with(argv, "QUEUE", name);
	(void)mq_unlink(name);
	return result;
}

/* FOLDER TEXT MILLISECONDS: no attack and no command: swaps the folder and a link with that text, as fast as it can. */
static int swapper(int argc, char **argv)
{
	char other[4096];
	struct timespec now, end;

	if (argc < 3)
		return broken("a folder, a text and a time are needed");
	(void)snprintf(other, sizeof other, "%s.link", argv[0]);
	if (symlink(argv[1], other) < 0)
		return broken("make '%s'", other);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atol(argv[2]) / 1000;
	do {
		for (int i = 0; i < 1000; i++)
			if (syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, other, 2 /* RENAME_EXCHANGE */) < 0)
				return broken("exchange");
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
	return 0;
}

/* Printed for the scripts, which expect what this kernel can do. */
static int landlock_version(int argc, char **argv)
{
	enum { ASK_VERSION = 1 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	(void)argc, (void)argv;
	(void)printf("%ld\n", version > 0 ? version : 0);
	return 0;
}

/* NUMBER: 0 if the kernel has this call, which must be one that does nothing with arguments of -1. */
static int has_call(int argc, char **argv)
{
	if (argc < 1)
		return broken("a number is needed");
	return syscall(strtol(argv[0], NULL, 10), -1L, -1L, -1L, -1L, -1L, -1L) < 0 && errno == ENOSYS;
}

const struct attack setups[] = {
	{"with-no-argv", "PROGRAM: executed without any argument", no_argv},
	{"with-empty-name", "COMMAND...: with an empty argv[0]", empty_name},
	{"with-closed-fds", "DIGITS COMMAND...", closed_fds},
	{"with-many-fds", "COMMAND...: with fds 3 to 1023 open", many_fds},
	{"with-no-signals", "COMMAND...: with all blocked and ignored", no_signals},
	{"with-timers", "COMMAND...: with timers that soon expire", timers},
	{"with-umask", "OCTAL COMMAND...", with_umask},
	{"with-oddities", "COMMAND...: with execution domain and death signal", odd_process},
	{"with-realtime", "COMMAND...: with real-time scheduling", fifo_scheduling},
	{"with-odd-variables", "COMMAND...: with variables that are none", odd_variables},
	{"with-key", "COMMAND...: with a key in the session keyring", with_key},
	{"with-listener", "COMMAND...: with a TCP and UDP listener at PORT", with_listener},
	{"with-unix", "PATH|@NAME COMMAND...: with a listening socket", with_unix},
	{"with-shm", "COMMAND...: with System V memory at KEY", with_shm},
	{"with-mq", "COMMAND...: with a message queue QUEUE", with_mq},
	{"landlock-version", "prints it; 0: there is none", landlock_version},
	{"has-call", "NUMBER: status 0 if the kernel has it", has_call},
	{"swapper", "FOLDER TEXT MS: swap a folder and a link", swapper},
	{NULL, NULL, NULL},
};
