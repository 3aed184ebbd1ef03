/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: more of a resource than the limits give: processes, memory, disk, open files, and time. Each stops by itself
 * at the amount that it is told, so that it does no harm where nothing stops it. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, CHILD_LIFE_S = 4 };

static void *sleep_on(void *arg)
{
	(void)sleep(CHILD_LIFE_S);
	return arg;
}

static int by_fork(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)sleep(CHILD_LIFE_S);
		_exit(0);
	}
	return pid < 0 ? -errno : 0;
}

static int by_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, 64 << 10);
	r = pthread_create(&thread, &attr, sleep_on, NULL);
	(void)pthread_attr_destroy(&attr);
	return -r;
}

/* The grandchild has another session and, once its parent has ended, another parent. */
static int by_daemon(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setsid() < 0)
			_exit(1);
		pid = fork();
		if (pid == 0) {
			(void)sleep(CHILD_LIFE_S);
			_exit(0);
		}
		_exit(pid < 0 ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return status == 0 ? 0 : -EAGAIN;
}

/* Its parent stands still until it ends, so each makes the next one. */
__attribute__((noinline)) static int by_vfork_chain(int depth)
{
	volatile int left = depth;
	pid_t pid = vfork();
	int status = 0;

	if (pid == 0) {
		if (left > 0)
			_exit(by_vfork_chain(left - 1) < 0 ? 1 : 0);
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -EAGAIN;
}

static int make_processes(const char *method, int count)
{
	int made = 0, r = 0;

	if (!strcmp(method, "vfork"))
		return by_vfork_chain(count) == 0 ? count : 0;
	for (; made < count && r == 0; made += r == 0)
		r = !strcmp(method, "fork") ? by_fork() : !strcmp(method, "thread") ? by_thread() : by_daemon();
	errno = -r;
	return made;
}

/* METHOD COUNT: fork, vfork, thread or daemon */
static int processes(int argc, char **argv)
{
	int count, made, why;

	if (argc < 2)
		return broken("a method and a count are needed");
	(void)setpgid(0, 0);
	count = atoi(argv[1]);
	made = make_processes(argv[0], count);
	why = errno;
	(void)signal(SIGTERM, SIG_IGN);
	(void)kill(0, SIGTERM); /* those of the same group need not live on */
	errno = made < count ? why : 0;
	return made < count ? shut("%d of %d processes by %s", made, count, argv[0])
			    : opened("%d processes by %s at a time", made, argv[0]);
}

static bool touch(char *at, size_t size)
{
	if (at == MAP_FAILED) /* shmat says the same */
		return false;
	for (size_t i = 0; i < size; i += 4096)
		at[i] = 1;
	return true;
}

static bool map_file(int fd)
{
	return fd >= 0 && ftruncate(fd, MIB) == 0 &&
	       touch(mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MIB);
}

static bool fill_pipes(void)
{
	static char bytes[1 << 16];
	int ends[2];

	for (int i = 0; i < 16; i++) {
		if (pipe2(ends, O_NONBLOCK) < 0)
			return false;
		for (int page = 0; page < 16; page++) /* a page each, however little is in it */
			if (write(ends[1], bytes, 4096) < 0)
				break;
	}
	return true;
}

static bool fill_sockets(void)
{
	static char bytes[1 << 15];
	int ends[2];

	for (int i = 0; i < 5; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
			return false;
		while (write(ends[0], bytes, sizeof bytes) > 0)
			;
	}
	return true;
}

static bool fill_file(unsigned number)
{
	static char bytes[MIB];
	char path[64];
	int fd;
	bool all;

	(void)snprintf(path, sizeof path, "/tmp/memory-%u", number);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	all = fd >= 0 && write(fd, bytes, sizeof bytes) == sizeof bytes;
	if (fd >= 0)
		(void)close(fd);
	return all;
}

/* One MiB more of it. */
static bool take_memory(const char *kind, unsigned number)
{
	const int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

	if (!strcmp(kind, "anonymous"))
		return touch(mmap(NULL, MIB, PROT_READ | PROT_WRITE, anonymous, -1, 0), MIB);
	if (!strcmp(kind, "locked"))
		return touch(mmap(NULL, MIB, PROT_READ | PROT_WRITE, anonymous | MAP_LOCKED, -1, 0), MIB);
	if (!strcmp(kind, "shared"))
		return touch(shmat(shmget(IPC_PRIVATE, MIB, IPC_CREAT | 0600), NULL, 0), MIB);
	if (!strcmp(kind, "memfd"))
		return map_file(memfd_create("x", MFD_CLOEXEC));
	if (!strcmp(kind, "mapped"))
		return map_file(open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
	if (!strcmp(kind, "file"))
		return fill_file(number);
	return !strcmp(kind, "pipes") ? fill_pipes() : fill_sockets();
}

/* As many as one may have. */
static void most_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* KIND MIB: anonymous, locked, shared, memfd, mapped, file, pipes or sockets */
static int memory(int argc, char **argv)
{
	unsigned wanted, i = 0;

	if (argc < 2)
		return broken("a kind and an amount are needed");
	wanted = (unsigned)atoi(argv[1]);
	most_files();
	while (i < wanted && take_memory(argv[0], i))
		i++;
	return i == wanted ? opened("%u MiB of %s", i, argv[0]) : shut("%u of %u MiB of %s", i, wanted, argv[0]);
}

/* A child takes more than its share, and its parent does not mind that it is ended for it. */
static int memory_of_one(int argc, char **argv)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(memory(argc, argv));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return broken("fork");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)sleep(3);
	return opened("a parent lives on after its child was ended by signal %d", WTERMSIG(status));
}

static int open_kind(const char *kind)
{
	if (!strcmp(kind, "file"))
		return open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	if (!strcmp(kind, "socket"))
		return socket(AF_UNIX, SOCK_STREAM, 0);
	if (!strcmp(kind, "epoll"))
		return epoll_create1(0);
	if (!strcmp(kind, "eventfd"))
		return eventfd(0, 0);
	if (!strcmp(kind, "timerfd"))
		return timerfd_create(CLOCK_MONOTONIC, 0);
	return !strcmp(kind, "inotify") ? inotify_init1(0) : memfd_create("x", 0);
}

/* KIND COUNT: file, socket, epoll, eventfd, timerfd, inotify or memfd */
static int open_many(int argc, char **argv)
{
	int count;

	if (argc < 2)
		return broken("a kind and a count are needed");
	count = atoi(argv[1]);
	most_files();
	for (int i = 0; i < count; i++)
		if (open_kind(argv[0]) < 0)
			return shut("%d of %d: %s", i, count, argv[0]);
	return opened("%d open: %s", count, argv[0]);
}

static bool fill_folder(const char *path, int count)
{
	char name[4096];
	static char bytes[MIB];
	int fd;

	for (int i = 0; i < count; i++) {
		(void)snprintf(name, sizeof name, "%s/fill-%d", path, i);
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, bytes, sizeof bytes) != sizeof bytes)
			return false;
		(void)close(fd);
	}
	return true;
}

static bool many_inodes(const char *path, int count)
{
	char name[4096];

	for (int i = 0; i < count; i++) {
		(void)snprintf(name, sizeof name, "%s/inode-%d", path, i);
		if (mknod(name, S_IFREG | 0600, 0) < 0)
			return false;
	}
	return true;
}

/* Folders in folders, far beyond what a path can name. */
static bool deep_folders(const char *path, int count)
{
	char name[250];

	(void)memset(name, 'd', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	if (chdir(path) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (mkdir(name, 0700) < 0 || chdir(name) < 0)
			return false;
	return true;
}

static bool big_file(const char *path, int gib, bool sparse)
{
	static char bytes[MIB];
	char name[4096];
	int fd;

	(void)snprintf(name, sizeof name, "%s/big", path);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (sparse)
		return lseek(fd, (off_t)gib << 30, SEEK_SET) >= 0 && write(fd, "x", 1) == 1;
	for (int i = 0; i < gib; i++)
		if (write(fd, bytes, sizeof bytes) != sizeof bytes)
			return false;
	return true;
}

/* KIND FOLDER COUNT: fill (MiB in files), file (MiB in one file), inodes, deep, sparse (GiB) */
static int disk(int argc, char **argv)
{
	int count;
	bool all;

	if (argc < 3)
		return broken("a kind, a folder and a count are needed");
	count = atoi(argv[2]);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (!strcmp(argv[0], "fill"))
		all = fill_folder(argv[1], count);
	else if (!strcmp(argv[0], "inodes"))
		all = many_inodes(argv[1], count);
	else if (!strcmp(argv[0], "deep"))
		all = deep_folders(argv[1], count);
	else
		all = big_file(argv[1], count, !strcmp(argv[0], "sparse"));
	return all ? opened("%s: all of %d", argv[0], count) : shut("%s: less than %d", argv[0], count);
}

const struct attack resource_attacks[] = {
	{"processes", "METHOD COUNT: that many at a time", processes},
	{"memory", "KIND MIB: that much", memory},
	{"memory-of-one", "KIND MIB: by a child whose end is not minded", memory_of_one},
	{"open-many", "KIND COUNT: that many open files", open_many},
	{"disk", "KIND FOLDER COUNT: that much of a disk", disk},
	{NULL, NULL, NULL},
};
