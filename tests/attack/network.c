/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: ways out by sockets, and by memory and queues with a name. */
#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_in address(char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};

	(void)inet_pton(AF_INET, argv[0], &a.sin_addr);
	return a;
}

/* ADDRESS PORT [send]: connects, within two seconds; with `send`, says hello. */
static int tcp_connect(int argc, char **argv)
{
	struct timeval limit = {.tv_sec = 2};
	struct sockaddr_in a;
	int fd;

	if (argc < 2)
		return broken("an address and a port are needed");
	a = address(argv);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return shut("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
		return shut("connect to %s port %s", argv[0], argv[1]);
	return opened("connected to %s port %s", argv[0], argv[1]);
}

static int tcp_bind(int argc, char **argv)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (argc < 2)
		return broken("an address and a port are needed");
	a = address(argv);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
		return shut("bind %s port %s", argv[0], argv[1]);
	return opened("bound %s port %s", argv[0], argv[1]);
}

/* ADDRESS PORT: a datagram that is answered; the listener of the setup `udp` echoes. */
static int udp_ask(int argc, char **argv)
{
	struct timeval limit = {.tv_usec = 500000};
	struct sockaddr_in a;
	char answer[8];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (argc < 2)
		return broken("an address and a port are needed");
	a = address(argv);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (fd < 0 || sendto(fd, "hello", 5, 0, (struct sockaddr *)&a, sizeof a) < 0 ||
	    recv(fd, answer, sizeof answer, 0) < 0)
		return shut("no answer from %s port %s", argv[0], argv[1]);
	return opened("an answer from %s port %s", argv[0], argv[1]);
}

/* PATH, or @NAME for an abstract one. */
static int unix_connect(int argc, char **argv)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t length;
	int why = 0;

	if (argc < 1 || strlen(argv[0]) >= sizeof a.sun_path)
		return broken("a path is needed");
	(void)memcpy(a.sun_path, argv[0], strlen(argv[0]));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(argv[0]));
	if (a.sun_path[0] == '@')
		a.sun_path[0] = '\0';
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, (struct sockaddr *)&a, length) == 0)
			return opened("connected to '%s'", argv[0]);
		if (i == 0)
			why = errno;
	}
	errno = why;
	return shut("connect to '%s'", argv[0]);
}

static bool family_is_plain(int family)
{
	return family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
}

/* All families and types but the four plain ones, and raw sockets of the plain ones. */
static int socket_families(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int family = 0; family <= 64; family++)
		for (int type = 1; type <= 10; type++) {
			int protocol = type == SOCK_RAW ? IPPROTO_ICMP : 0;

			if (family_is_plain(family) && (type != SOCK_RAW || family == AF_UNIX || family == AF_NETLINK))
				continue;
			if (socket(family, type | SOCK_CLOEXEC, protocol) >= 0)
				return opened("socket family %d type %d", family, type);
			/* AF_ALG and others keep their bits where a sloppy filter compares 64 of them */
			if (syscall(SYS_socket, family | 1UL << 32, type, protocol) >= 0)
				return opened("socket family %d with high bits", family);
		}
	return shut("only plain sockets");
}

/* FAMILY TYPE PROTOCOL */
static int socket_one(int argc, char **argv)
{
	if (argc < 3)
		return broken("family, type and protocol are needed");
	if (socket(atoi(argv[0]), atoi(argv[1]), atoi(argv[2])) < 0 &&
	    syscall(SYS_socket, atol(argv[0]) | 1L << 32, atol(argv[1]), atol(argv[2]) | 1L << 32) < 0)
		return shut("socket %s %s %s", argv[0], argv[1], argv[2]);
	return opened("socket %s %s %s", argv[0], argv[1], argv[2]);
}

/* Routes (0) and events of devices (15, which only the kernel sends, and libudev wants) are given. */
static int netlink_protocols(int argc, char **argv)
{
	int why = 0;

	(void)argc, (void)argv;
	for (int protocol = 1; protocol <= 22; protocol++) {
		if (protocol != NETLINK_KOBJECT_UEVENT && socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol) >= 0)
			return opened("netlink protocol %d", protocol);
		if (protocol == 12)
			why = errno;
	}
	errno = why;
	return shut("no netlink but routes and device events");
}

static int shm_attach(int argc, char **argv)
{
	int id = argc > 0 ? shmget((key_t)strtol(argv[0], NULL, 0), 1, 0) : -1;
	char *at = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_RDONLY);

	if (at != (void *)-1 && !memcmp(at, "SECRET", 6))
		return opened("the shared memory of the caller");
	return shut("no shared memory");
}

static int mq_reach(int argc, char **argv)
{
	if (argc > 0 && mq_open(argv[0], O_RDONLY) >= 0)
		return opened("the message queue of the caller");
	return shut("no message queue");
}

const struct attack network_attacks[] = {
	{"tcp-connect", "ADDRESS PORT", tcp_connect},
	{"tcp-bind", "ADDRESS PORT", tcp_bind},
	{"udp-ask", "ADDRESS PORT: a datagram and its answer", udp_ask},
	{"unix-connect", "PATH or @NAME", unix_connect},
	{"socket-families", "a socket of an unusual family or type", socket_families},
	{"socket-one", "FAMILY TYPE PROTOCOL", socket_one},
	{"netlink-protocols", "a netlink socket that is not for routes", netlink_protocols},
	{"shm-attach", "KEY: shared memory of the caller", shm_attach},
	{"mq-reach", "NAME: a message queue of the caller", mq_reach},
	{NULL, NULL, NULL},
};
