/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-x11: stands between the clients of a sandbox and the X11 server, for desktop.x11 = isolated; runs as a service
 * (run/services.h), in a sandbox of its own. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/units.h"
#include "display/x11-relay.h"

enum { READY = 3, LISTENER = 4, ARGUMENTS = 4 };

int main(int argc, char **argv)
{
	struct x11_relay relay = {.ready = READY, .listener = LISTENER};
	struct err e = {0};
	uint64_t display;

	if (argc != ARGUMENTS) {
		(void)fprintf(stderr, "usage: sbx-x11 SERVER AUTHORITY DISPLAY, with fds 3 and 4: sbx starts it\n");
		return 2;
	}
	relay.server = argv[1];
	relay.authority = argv[2];
	if (units_number(argv[3], INT32_MAX, &display, &e) == 0) {
		relay.display = (int)display;
		if (x11_relay(&relay, &e) >= 0)
			return EXIT_SUCCESS;
	}
	(void)fprintf(stderr, "sbx-x11: %s\n", e.text);
	return EXIT_FAILURE;
}
