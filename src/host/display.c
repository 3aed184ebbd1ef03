/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* display: the X11 and Wayland displays of the caller. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "base/units.h"
#include "display/wayland.h"
#include "display/x11.h"
#include "host/host.h"

enum { AUTHORITY_MAX = 65536 };

/* :N, :N.S, unix:N and unix/:N are local; -1 for all else. */
static int local_display(const char *display)
{
	autofree char *digits = NULL;
	struct err none = {0};
	uint64_t number;

	if (str_starts(display, "unix/:"))
		display += 5;
	else if (str_starts(display, "unix:"))
		display += 4;
	if (display[0] != ':')
		return -1;
	digits = xstrndup(display + 1, strcspn(display + 1, "."));
	return units_number(digits, 59535, &number, &none) == 0 ? (int)number : -1;
}

static void read_x11(struct host *host)
{
	const char *display = host_env(host, "DISPLAY"), *authority = host_env(host, "XAUTHORITY");
	autofree char *fallback = host->home ? xasprintf("%s/.Xauthority", host->home) : NULL, *bytes = NULL,
		      *socket = NULL;
	unsigned char cookie[COOKIE_SIZE];
	struct node node;
	ssize_t size;

	host->x11_display = display ? local_display(display) : -1;
	if (host->x11_display < 0)
		return;
	socket = xasprintf("/tmp/.X11-unix/X%d", host->x11_display);
	host->look(host, socket, &node);
	if (node.type != NODE_SOCKET)
		host->x11_display = -1;
	if (host->x11_display < 0 || (!authority && !fallback))
		return;
	bytes = xmalloc(AUTHORITY_MAX);
	size = fd_read_file(AT_FDCWD, authority ? authority : fallback, bytes, AUTHORITY_MAX);
	if (size > 0 && authority_find(bytes, (size_t)size, host->x11_display, cookie)) {
		host->x11_cookie = xmalloc(COOKIE_SIZE);
		memcpy(host->x11_cookie, cookie, COOKIE_SIZE);
	}
}

int host_read_display(struct host *host, struct err *e)
{
	const char *wayland = host_env(host, "WAYLAND_DISPLAY");
	autofree char *path = NULL;
	struct node node;

	(void)e;
	read_x11(host);
	if (!wayland || (wayland[0] != '/' && !host->runtime) || strstr(wayland, ".."))
		return 0;
	path = wayland[0] == '/' ? xstrdup(wayland) : xasprintf("%s/%s", host->runtime, wayland);
	host->look(host, path, &node);
	if (node.type == NODE_SOCKET)
		host->wayland_socket = take(path);
	return 0;
}

void host_ask_x11(struct host *host)
{
	autofree char *server = xasprintf("/tmp/.X11-unix/X%d", host->x11_display);
	autostream struct stream stream = STREAM_NONE;

	if (host->x11_display >= 0 && x11_open(server, host->x11_cookie, &stream, &host->x11_untrusted) == 0)
		(void)x11_security(&stream, &host->x11_untrusted);
}

void host_ask_wayland(struct host *host)
{
	if (host->wayland_socket)
		(void)wayland_has_contexts(host->wayland_socket, &host->wayland_context);
}
