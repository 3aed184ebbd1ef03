/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* display: the X11 and Wayland displays of the caller. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "base/units.h"
#include "host/host.h"

enum { COOKIE_SIZE = 16, AUTHORITY_MAX = 65536, FAMILY_LOCAL = 256, FAMILY_WILD = 65535 };

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

/* Xauthority(5): records of a family and four counted fields, all numbers big-endian 16 bit. */
struct field {
	const unsigned char *bytes;
	size_t size;
};

static bool next_number(struct field *rest, unsigned *ret)
{
	if (rest->size < 2)
		return false;
	*ret = (unsigned)rest->bytes[0] << 8 | rest->bytes[1];
	rest->bytes += 2;
	rest->size -= 2;
	return true;
}

static bool next_field(struct field *rest, struct field *ret)
{
	unsigned size;

	if (!next_number(rest, &size) || rest->size < size)
		return false;
	*ret = (struct field){rest->bytes, size};
	rest->bytes += size;
	rest->size -= size;
	return true;
}

static bool is(const struct field *field, const char *text)
{
	return field->size == strlen(text) && memcmp(field->bytes, text, field->size) == 0;
}

static void find_cookie(struct host *host, struct field rest)
{
	autofree char *number = xasprintf("%d", host->x11_display);
	struct field address, display, name, data;
	unsigned family;

	while (next_number(&rest, &family) && next_field(&rest, &address) && next_field(&rest, &display) &&
	       next_field(&rest, &name) && next_field(&rest, &data)) {
		if ((family != FAMILY_LOCAL && family != FAMILY_WILD) || (display.size && !is(&display, number)) ||
		    !is(&name, "MIT-MAGIC-COOKIE-1") || data.size != COOKIE_SIZE)
			continue;
		host->x11_cookie = xmalloc(COOKIE_SIZE);
		memcpy(host->x11_cookie, data.bytes, COOKIE_SIZE);
		return;
	}
}

static void read_x11(struct host *host)
{
	const char *display = host_env(host, "DISPLAY"), *authority = host_env(host, "XAUTHORITY");
	autofree char *fallback = host->home ? xasprintf("%s/.Xauthority", host->home) : NULL, *bytes = NULL,
		      *socket = NULL;
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
	if (size > 0)
		find_cookie(host, (struct field){(unsigned char *)bytes, (size_t)size});
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
