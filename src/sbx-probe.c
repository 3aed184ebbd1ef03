/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-probe: tries what it is told and says what came of it. `sbxctl verify` runs it twice, outside of a sandbox and
 * inside, and compares.
 *
 *   sbx-probe              standard input has tasks, each three texts ended by NUL: an id, a verb, its argument.
 *                          Standard output gets a line for each: ID open [IDENTITY], ID closed REASON or ID failed
 *                          REASON, and `done` as the last.
 *   sbx-probe wait WORD    waits for the end of standard input: the process that others look for. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/probe.h"

enum { BYTES_MAX = 16 << 20, TASKS_MAX = 1 << 17, SECONDS_FOR_ONE = 5, SECONDS_FOR_ALL = 60 };

struct verb {
	const char *name;
	attempt *attempt;
};

static const struct verb verbs[] = {
	{"read", try_read},
	{"write", try_write},
	{"setuid", try_setuid},
	{"device", try_device},
	{"connect", try_connect},
	{"tcp", try_tcp},
	{"udp", try_udp},
	{"route", try_route},
	{"interfaces", try_interfaces},
	{"listen", try_listen},
	{"find", try_find},
	{"signal", try_signal},
	{"memory", try_memory},
	{"segment", try_segment},
	{"variable", try_variable},
	{"namespace", try_namespace},
	{"state", try_state},
	{"kernel-file", try_kernel_file},
	{"family", try_family},
	{"code", try_code},
	{"table", try_table},
	{"call", try_call},
};

static attempt *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return verbs[i].attempt;
	return NULL;
}

struct task {
	const char *id, *verb, *what;
};

static void answer(const char *id, const char *state, const char *text)
{
	char line[256];
	int len = snprintf(line, sizeof line, "%.32s %s %s\n", id, state, text);

	if (len < 0 || write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(1); /* an answer that is missing is noticed */
}

static void answer_signal(const char *id, int sig)
{
	char text[32];

	(void)snprintf(text, sizeof text, "SIG%s", sigabbrev_np(sig) ? sigabbrev_np(sig) : "UNKNOWN");
	answer(id, sig == SIGALRM ? "failed" : "closed", text);
}

static void try(const struct task *task)
{
	char identity[IDENTITY_SIZE] = "";
	attempt *call = find_verb(task->verb);
	int why;

	if (!call) {
		answer(task->id, "failed", "EINVAL");
		return;
	}
	(void)alarm(SECONDS_FOR_ONE);
	why = call(task->what, identity);
	answer(task->id, why ? "closed" : "open", why ? strerrorname_np(why) : identity);
	if (call == try_namespace) /* where this process is now is not where the others are to be tried */
		_exit(0);
}

/* A child tries one after the other, and says in `at` where it is. A filter may kill it: that is an answer, too, and
 * the next child goes on behind. */
static void try_all(const struct task *task, size_t count, volatile size_t *at)
{
	for (size_t i = 0; i < count; i = *at + 1) {
		pid_t pid;
		int status;

		*at = i; /* before there is a child */
		pid = fork();
		if (pid < 0) {
			answer(task[i].id, "failed", strerrorname_np(errno));
			continue;
		}
		for (; pid == 0 && *at < count; ++*at)
			try(&task[*at]);
		if (pid == 0)
			_exit(0);
		while (waitpid(pid, &status, 0) < 0)
			if (errno != EINTR)
				_exit(1);
		if (WIFSIGNALED(status))
			answer_signal(task[*at].id, WTERMSIG(status));
		else if (WEXITSTATUS(status))
			_exit(1);
	}
}

static size_t read_all(char *bytes, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(STDIN_FILENO, bytes + len, size - len)) != 0) {
		if (n < 0 && errno != EINTR)
			_exit(1);
		len += n > 0 ? (size_t)n : 0;
	}
	return len;
}

static const char *next(const char **p, const char *end)
{
	const char *text = *p, *nul = memchr(text, '\0', (size_t)(end - text));

	if (!nul)
		_exit(1);
	*p = nul + 1;
	return text;
}

static size_t read_tasks(struct task *task)
{
	static char bytes[BYTES_MAX];
	const char *p = bytes, *end = bytes + read_all(bytes, sizeof bytes);
	size_t count = 0;

	for (; p < end && count < TASKS_MAX; count++) {
		task[count].id = next(&p, end);
		task[count].verb = next(&p, end);
		task[count].what = next(&p, end);
	}
	return count;
}

int main(int argc, char **argv)
{
	static struct task task[TASKS_MAX];
	volatile size_t *at;

	if (argc == 3 && strcmp(argv[1], "wait") == 0) {
		while (read(STDIN_FILENO, &(char){0}, 1) > 0)
			;
		return 0;
	}
	at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc != 1 || at == MAP_FAILED) {
		(void)fprintf(stderr, "sbx-probe: a helper of `sbxctl verify`\n");
		return 2;
	}
	(void)alarm(SECONDS_FOR_ALL);
	try_all(task, read_tasks(task), at);
	answer("done", "open", "");
	return 0;
}
