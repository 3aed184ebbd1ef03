/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* devices: nodes of /dev. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/probe.h"

/* Nothing happens to these by being opened. To others it does: a watchdog starts to count, a tape is wound back. Of
 * them only the right to open is looked at. */
static bool may_open(const char *path)
{
	static const char *const harmless[] = {"/dev/dri/",  "/dev/snd/", "/dev/input/event", "/dev/video",
					       "/dev/media", "/dev/kvm",  "/dev/fuse",        "/dev/net/tun",
					       "/dev/mem",   "/dev/kmsg", "/dev/loop-control"};

	for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (strncmp(path, harmless[i], strlen(harmless[i])) == 0)
			return true;
	return false;
}

int try_device(const char *what, char identity[IDENTITY_SIZE])
{
	struct stat st;
	int fd;

	if (stat(what, &st) < 0)
		return errno;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return ENODEV;
	if (access(what, R_OK) < 0 && access(what, W_OK) < 0)
		return errno;
	if (may_open(what)) {
		fd = open(what, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0 && errno == EACCES)
			fd = open(what, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			return errno;
		(void)close(fd);
	}
	(void)snprintf(identity, IDENTITY_SIZE, "%c%jx", S_ISCHR(st.st_mode) ? 'c' : 'b', (uintmax_t)st.st_rdev);
	return 0;
}
