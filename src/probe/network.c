/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* network: does it reach this machine's own services, and is there a way out? Nothing leaves the machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/probe.h"

static struct sockaddr_in local(const char *port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int connected(int type, const struct sockaddr *address, socklen_t size, int *ret_fd)
{
	int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	if (connect(fd, address, size) < 0)
		return errno;
	*ret_fd = fd;
	return 0;
}

int try_tcp(const char *what, char identity[IDENTITY_SIZE])
{
	struct sockaddr_in address = local(what);
	int fd;

	(void)identity;
	return connected(SOCK_STREAM, (struct sockaddr *)&address, sizeof address, &fd);
}

/* One byte to the port of the one who asks for this; where nobody is there, the next call says so. */
int try_udp(const char *what, char identity[IDENTITY_SIZE])
{
	struct sockaddr_in address = local(what);
	int fd, why = connected(SOCK_DGRAM, (struct sockaddr *)&address, sizeof address, &fd);
	struct pollfd wait;

	(void)identity;
	if (why)
		return why;
	if (send(fd, "", 1, 0) < 0)
		return errno;
	wait = (struct pollfd){.fd = fd, .events = POLLIN};
	if (poll(&wait, 1, 100) > 0 && recv(fd, &(char){0}, 1, MSG_DONTWAIT) < 0)
		return errno;
	return 0;
}

/* To connect a datagram socket sends nothing: the kernel only looks for a way. */
int try_route(const char *what, char identity[IDENTITY_SIZE])
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	int fd;

	(void)identity;
	if (inet_pton(AF_INET, what, &v4.sin_addr) == 1)
		return connected(SOCK_DGRAM, (struct sockaddr *)&v4, sizeof v4, &fd);
	if (inet_pton(AF_INET6, what, &v6.sin6_addr) == 1)
		return connected(SOCK_DGRAM, (struct sockaddr *)&v6, sizeof v6, &fd);
	return EINVAL;
}

/* Which network it is: one of its own has interfaces and ports, too. */
static int network_of(char identity[IDENTITY_SIZE])
{
	ssize_t n = readlink("/proc/self/ns/net", identity, IDENTITY_SIZE - 1);

	identity[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : errno;
}

/* An interface beside loopback. */
int try_interfaces(const char *what, char identity[IDENTITY_SIZE])
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), why = ENODEV;

	(void)what;
	if (fd < 0)
		return errno;
	for (int i = 1; i < 256; i++) {
		struct ifreq request = {.ifr_ifindex = i};

		if (ioctl(fd, SIOCGIFNAME, &request) < 0)
			why = errno;
		else if (strcmp(request.ifr_name, "lo") != 0)
			return network_of(identity);
	}
	return why;
}

/* A port that others could connect to, for as long as this process lives. */
int try_listen(const char *what, char identity[IDENTITY_SIZE])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)what;
	if (fd < 0)
		return errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
		return errno;
	return network_of(identity);
}
