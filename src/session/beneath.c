/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "box/place.h"

int beneath_parent(int tree, const char *path, const char **ret_name)
{
	autoclose int fd = place_open_name(tree, ".", O_PATH | O_DIRECTORY);

	for (const char *slash; fd >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		char name[NAME_MAX + 1];
		int next;

		if (slash == path || slash - path > NAME_MAX)
			return -EINVAL;
		memcpy(name, path, (size_t)(slash - path));
		name[slash - path] = '\0';
		next = place_open_name(fd, name, O_PATH | O_DIRECTORY);
		mem_close_ptr(&fd);
		fd = next;
	}
	*ret_name = *path ? path : ".";
	return fd < 0 ? fd : take_fd(&fd);
}

bool beneath_is_in(const char *path, const char *above)
{
	return !*above || path_below(path, above);
}
