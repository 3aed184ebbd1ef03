/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

int socket_address(const char *path, struct sockaddr_un *ret, struct err *e)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof ret->sun_path)
		return err_set(e, ENAMETOOLONG, "'%s' is too long for the path of a socket", path);
	memcpy(ret->sun_path, path, strlen(path));
	return 0;
}

int socket_listen(const char *path, int type, int backlog, struct err *e)
{
	autoclose int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	if (socket_address(path, &address, e) < 0)
		return -e->code;
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0666) < 0 ||
	    listen(fd, backlog) < 0)
		return err_errno(e, errno, "make the socket '%s'", path);
	return take_fd(&fd);
}
