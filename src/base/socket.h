/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* socket: Unix sockets that have a path. */
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

/* ENAMETOOLONG. */
int socket_address(const char *path, struct sockaddr_un *ret, struct err *e) __attribute__((nonnull));
/* A new socket of this type (SOCK_*) at the path, which whoever reaches it may use, whatever its id: it lies in a
 * folder that nobody else can enter. An fd. */
int socket_listen(const char *path, int type, int backlog, struct err *e) __attribute__((nonnull));
