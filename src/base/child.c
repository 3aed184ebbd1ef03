/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/child.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

int child_file(const struct str *content, struct err *e)
{
	autoclose int fd = memfd_create("sbx", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(e, errno, "make a file in memory");
	if (content && content->s && (fd_write(fd, content->s, content->len) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		return err_errno(e, errno, "write a file in memory");
	return take_fd(&fd);
}

int child_said(int file, size_t most, struct str *ret, struct err *e)
{
	int r = lseek(file, 0, SEEK_SET) < 0 ? -errno : fd_read_all(file, most, ret);

	if (r == -EFBIG)
		return err_set(e, EFBIG, "it says too much");
	return r < 0 ? err_errno(e, -r, "read a file in memory") : 0;
}

/* ms: -1: as long as it takes. */
static int wait_for(pid_t pid, int ms, struct err *e)
{
	autoclose int pidfd = ms < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd gone = {.fd = pidfd, .events = POLLIN};
	int status, n = 1;

	while (pidfd >= 0 && (n = poll(&gone, 1, ms)) < 0 && errno == EINTR)
		;
	if (n == 0)
		return err_errno(e, ETIMEDOUT, "wait for a program");
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "wait for a program");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run_for(char *const *argv, int folder, const int streams[3], int ms, struct err *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_errno(e, errno, "make a process");
	if (pid == 0) {
		if (folder >= 0 && fchdir(folder) < 0)
			_exit(127);
		for (int fd = 0; fd < 3; fd++)
			if (dup2(streams[fd], fd) < 0)
				_exit(127);
		(void)execv(argv[0], argv);
		_exit(127);
	}
	return wait_for(pid, ms, e);
}

int child_run(char *const *argv, int folder, const int streams[3], struct err *e)
{
	return child_run_for(argv, folder, streams, -1, e);
}

/* Without the name of who said it, which has no blank. */
static const char *after_name(const char *text)
{
	size_t len = strcspn(text, " :\n");

	return text[len] == ':' && text[len + 1] == ' ' ? text + len + 2 : text;
}

int child_failed(const char *who, int status, const struct str *said, struct err *e)
{
	const char *text = after_name(said->s ? said->s : "");

	if (!*text)
		return err_set(e, EIO, "%s ended with status %d", who, status);
	(void)err_set(e, EIO, "%s ended with status %d: %.*s", who, status, (int)strcspn(text, "\n"), text);
	text = strstr(text, "hint: ");
	if (text)
		(void)err_hint(e, "%.*s", (int)strcspn(text + strlen("hint: "), "\n"), text + strlen("hint: "));
	return -e->code;
}

char *child_sbx(struct err *e)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

	if (n <= 0) {
		(void)err_errno(e, errno, "find this program");
		return NULL;
	}
	program[n] = '\0';
	return xasprintf("%.*s/sbx", (int)(strrchr(program, '/') - program), program);
}
