/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: tries one attack on a sandbox and tells in one line and its exit status whether the way was open.
 *
 *   attack ID [ARG]...   OPEN what was reached (10), SHUT why (0), or BROKEN why (20) where it could not even be tried
 *   attack list          all ids
 *
 * The scripts beside it run each first where it must be OPEN, so that a SHUT in the sandbox means something.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct attack *const groups[] = {
	state_attacks,   file_attacks,     fd_attacks,   mount_attacks,   mode_attacks,   privilege_attacks,
	process_attacks, syscall_attacks,  ring_attacks, network_attacks, setups,         pty_setups,
	fault_setups,    resource_attacks, time_attacks, around_attacks,  kernel_attacks, forbid_setups,
	slot_attacks,
};

static int result_fd = 1;

void results_to(int fd)
{
	result_fd = fd;
}

/* One write, so that the line stays whole whatever else writes. */
__attribute__((format(printf, 3, 0))) static void tell(const char *word, const char *error, const char *format,
						       va_list ap)
{
	char text[800], line[1000];

	(void)vsnprintf(text, sizeof text, format, ap);
	(void)snprintf(line, sizeof line, "%s %s%s%s%s\n", word, text, error ? " (" : "", error ? error : "",
		       error ? ")" : "");
	if (write(result_fd, line, strlen(line)) < 0)
		_exit(RESULT_BROKEN);
}

int opened(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	tell("OPEN", NULL, format, ap);
	va_end(ap);
	return RESULT_OPEN;
}

int shut(const char *format, ...)
{
	const char *name = strerrorname_np(errno);
	va_list ap;

	va_start(ap, format);
	tell("SHUT", errno ? name : NULL, format, ap);
	va_end(ap);
	return RESULT_SHUT;
}

int broken(const char *format, ...)
{
	const char *name = strerrorname_np(errno);
	va_list ap;

	va_start(ap, format);
	tell("BROKEN", errno ? name : NULL, format, ap);
	va_end(ap);
	return RESULT_BROKEN;
}

const struct attack *attack_find(const char *id)
{
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (const struct attack *a = groups[g]; a->id; a++)
			if (!strcmp(a->id, id))
				return a;
	return NULL;
}

bool holds_secret(int fd)
{
	char text[6] = "";

	return read(fd, text, sizeof text) == sizeof text && !memcmp(text, "SECRET", sizeof text);
}

struct child_result {
	long value;
	int error;
};

long in_child(long (*call)(void *data), void *data, int *ret_signal)
{
	struct child_result *shared =
		mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child_result result = {-1, ECHILD};
	int status = 0;
	pid_t pid;

	*ret_signal = 0;
	if (shared == MAP_FAILED)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)alarm(1);
		errno = 0;
		shared->value = call(data);
		shared->error = errno;
		_exit(0);
	}
	if (pid > 0 && waitpid(pid, &status, __WALL) == pid) {
		result = *shared;
		if (WIFSIGNALED(status)) {
			*ret_signal = WTERMSIG(status);
			result = (struct child_result){-1, 0};
		}
	}
	(void)munmap(shared, sizeof *shared);
	errno = result.error;
	return result.value;
}

int spare_host(void)
{
	static const char initial[] = "user:[4026531837]";
	char text[64] = "";
	ssize_t length = readlink("/proc/self/ns/user", text, sizeof text - 1);

	if (length > 0 && strcmp(text, initial) != 0)
		return 0;
	errno = 0;
	return broken("this attack is only made in a user namespace");
}

int execute(char **argv)
{
	if (!argv[0])
		return errno = 0, broken("a command is missing");
	(void)execvp(argv[0], argv);
	return broken("execute '%s'", argv[0]);
}

static int list(void)
{
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (const struct attack *a = groups[g]; a->id; a++)
			(void)printf("%-20s %s\n", a->id, a->name);
	return 0;
}

/* In the place of sbx's own pid 1: what rights it has, for whoever has put it there. */
static int planted(void)
{
	char text[4096];
	int from = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	int to = open("/data/rights", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ssize_t n = read(from, text, sizeof text);

	return n > 0 && write(to, text, (size_t)n) == n ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct attack *a;

	if (argc > 0 && !strcmp(argv[0], "sbx-init"))
		return planted();
	if (argc < 2)
		return errno = 0, broken("usage: attack ID [ARG]... (attack list)");
	if (!strcmp(argv[1], "list"))
		return list();
	a = attack_find(argv[1]);
	if (!a)
		return errno = 0, broken("no attack '%s'", argv[1]);
	errno = 0;
	return a->run(argc - 2, argv + 2);
}
