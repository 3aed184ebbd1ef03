/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-sound: stands between a sandbox and the host's sound server, for desktop.sound. It makes SOCKET, which speaks
 * PulseAudio's protocol, and passes on what sound/filter.h lets through to the server at SERVER. sbx starts it as a
 * service: run/services.h.
 *
 * A program of its own: what it reads is the payload's. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sound/serve.h"

enum { EXIT_USAGE = 2, READY_FD = 3 };

int main(int argc, char **argv)
{
	struct sound_service service = {.ready = READY_FD};
	struct err e = {0};

	service.record = argc == 4 && str_eq(argv[1], "--record");
	if (argc != 3 && !service.record) {
		(void)fprintf(stderr, "usage: sbx-sound [--record] SERVER SOCKET 3>READY\n");
		return EXIT_USAGE;
	}
	service.server = argv[argc - 2];
	service.socket = argv[argc - 1];
	if (sound_serve(&service, &e) == 0)
		return 0;
	(void)fprintf(stderr, "sbx-sound: %s\n", e.text);
	return 1;
}
