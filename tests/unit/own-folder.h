/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* own-folder: for tests that read a real tree: a folder of one test, made by its set-up and removed after it. */
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static char *folder; /* of one test */

static inline int make_folder(void **state)
{
	char name[] = "/tmp/sbx-test-XXXXXX";

	(void)state;
	if (!mkdtemp(name) || chmod(name, 0755) < 0)
		return -1;
	folder = xstrdup(name);
	return 0;
}

static inline int remove_folder(void **state)
{
	autofree char *command = xasprintf("rm -rf '%s'", folder);
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		(void)execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	free(folder);
	return child > 0 && waitpid(child, NULL, 0) == child ? 0 : -1;
}

/* A path below the test's folder; owned by the caller. */
static inline char *below(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

/* Makes a file of that name below it, or empties it, and writes the text. */
static inline void put(const char *name, const char *text)
{
	autofree char *path = below(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fd_write(fd, text, strlen(text)), 0);
	assert_int_equal(close(fd), 0);
}
