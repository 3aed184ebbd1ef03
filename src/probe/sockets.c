/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sockets: those of this machine's services. They are connected to, and not a byte is sent. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/probe.h"

int try_connect(const char *what, char identity[IDENTITY_SIZE])
{
	static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(what);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (what[0] != '@'));
	int why = 0;

	(void)identity;
	if (len >= sizeof address.sun_path)
		return ENAMETOOLONG;
	memcpy(address.sun_path, what, len);
	if (what[0] == '@')
		address.sun_path[0] = '\0';
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd < 0)
			return errno;
		why = connect(fd, (struct sockaddr *)&address, size) < 0 ? errno : 0;
		(void)close(fd);
		if (why == EAGAIN) /* it listens, and has more callers than it takes */
			why = 0;
		if (why != EPROTOTYPE)
			break;
	}
	return why;
}
