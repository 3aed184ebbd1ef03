/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slot: what one run of a batch could leave to the next one of the same slot. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { KEY = 0x5b51ef7, PERMS = 0600 };

static const char *const places[] = {"/tmp/left", "/var/tmp/left", "/dev/shm/left"};
static const char queue[] = "/sbx-left", name[] = "sbx-left", host[] = "left";

static long add_key(const char *type, int ring)
{
	return syscall(SYS_add_key, type, name, "SECRET", 6, ring);
}

static long search_key(int ring)
{
	return syscall(SYS_keyctl, 10 /* KEYCTL_SEARCH */, ring, "user", name, 0);
}

/* Half of a pair with an abstract name; `fd` is the other half. 0, or -1. */
static int name_pair(int pair[2])
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	(void)memcpy(a.sun_path + 1, name, sizeof name);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		return -1;
	return bind(pair[0], (struct sockaddr *)&a, sizeof(sa_family_t) + 1 + sizeof name);
}

/* Sockets that hold each other live on until the kernel looks for such. */
static void send_to_itself(int pair[2])
{
	char control[CMSG_SPACE(2 * sizeof(int))] = {0};
	struct iovec io = {(char[]){"x"}, 1};
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	(void)memcpy(CMSG_DATA(c), pair, 2 * sizeof(int));
	(void)sendmsg(pair[0], &message, 0);
	(void)sendmsg(pair[1], &message, 0);
}

static int leave(int argc, char **argv)
{
	int left = 0, fd, pair[2];

	(void)argc, (void)argv;
	if (spare_host())
		return RESULT_BROKEN;
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		fd = open(places[i], O_WRONLY | O_CREAT, PERMS);
		left += fd >= 0 && write(fd, "SECRET", 6) == 6;
	}
	left += shmget(KEY, 4096, IPC_CREAT | PERMS) >= 0;
	left += semget(KEY, 1, IPC_CREAT | PERMS) >= 0;
	left += msgget(KEY, IPC_CREAT | PERMS) >= 0;
	left += mq_open(queue, O_RDWR | O_CREAT, PERMS, NULL) >= 0;
	for (int ring = -5; ring <= -1; ring++)
		left += add_key("user", ring) >= 0;
	left += sethostname(host, sizeof host - 1) == 0;
	if (name_pair(pair) == 0) {
		left++;
		send_to_itself(pair);
	}
	if (fork() == 0) { /* and one that goes on */
		(void)setsid();
		(void)sleep(60);
		_exit(0);
	}
	return left ? opened("%d things are left", left) : broken("nothing could be left");
}

static int find_left(int argc, char **argv)
{
	char found[400] = "", now[64] = "";
	int pair[2];

	(void)argc, (void)argv;
#define FOUND(what) (void)strncat(found, what " ", sizeof found - strlen(found) - 1)
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], F_OK) == 0)
			FOUND("file");
	if (shmget(KEY, 0, 0) >= 0)
		FOUND("shared-memory");
	if (semget(KEY, 0, 0) >= 0)
		FOUND("semaphores");
	if (msgget(KEY, 0) >= 0)
		FOUND("queue");
	if (mq_open(queue, O_RDONLY) >= 0 || errno == EACCES)
		FOUND("mq");
	for (int ring = -5; ring <= -1; ring++)
		if (search_key(ring) >= 0)
			FOUND("key");
	if (gethostname(now, sizeof now) == 0 && !strcmp(now, host))
		FOUND("hostname");
	if (name_pair(pair) < 0 && errno == EADDRINUSE)
		FOUND("socket");
	for (int pid = 2; pid < 300; pid++) {
		char path[64];
		int other;

		(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
		other = pid == getpid() || pid == getppid() ? -1 : open(path, O_RDONLY);
		if (other >= 0)
			FOUND("process");
	}
	errno = 0;
	return *found ? opened("found: %s", found) : shut("nothing is left");
}

/* FD...: every other fd that is open. */
static int other_fds(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return opened("fd %d is open", fd);
	errno = 0;
	return shut("fds 0 to 2 only");
}

const struct attack slot_attacks[] = {
	{"leave", "things for the next run", leave},
	{"find-left", "the things of the run before", find_left},
	{"other-fds", "an fd that is open, and not 0 to 2", other_fds},
	{NULL, NULL, NULL},
};
