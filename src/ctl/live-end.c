/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-end: sbxctl stop, kill, wait, logs, freeze, thaw and exec. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "ctl/live.h"

enum { PATIENCE_SECONDS = 5 };

static int tell(int monitor, int sig, const struct live_entry *entry, struct err *e)
{
	if (sys_pidfd_send_signal(monitor, sig) == 0 || errno == ESRCH)
		return 0;
	return err_errno(e, errno, "send a signal to '%s'", entry->name);
}

/* The second signal to sbx ends a sandbox, whatever its command does with the first. */
static int end_it(int monitor, const struct live_entry *entry, struct err *e)
{
	int r = tell(monitor, SIGTERM, entry, e);

	if (r == 0)
		r = tell(monitor, SIGINT, entry, e);
	if (r == 0)
		r = live_wait(monitor, (int64_t)PATIENCE_SECONDS * NS_PER_SECOND, e);
	if (r == 0) /* it hangs: with its monitor the sandbox ends by the kernel's hand */
		r = tell(monitor, SIGKILL, entry, e);
	return r < 0 ? r : live_wait(monitor, -1, e);
}

static int stop(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int monitor = live_open_monitor(ctl->host.live, entry, e);
	int r = monitor < 0 ? monitor : tell(monitor, SIGTERM, entry, e);

	if (r == 0)
		r = live_wait(monitor, words->grace_ns, e);
	return r == 0 ? end_it(monitor, entry, e) : r;
}

static int kill_it(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int monitor = live_open_monitor(ctl->host.live, entry, e);

	if (monitor < 0)
		return monitor;
	return words->signal && words->signal != SIGKILL ? tell(monitor, words->signal, entry, e)
							 : end_it(monitor, entry, e);
}

int ctl_stop(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, stop);
}

int ctl_kill(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, kill_it);
}

/* Sends it to all, those that are stopped already, too; *ret_awake: how many were not. */
static int signal_all(const struct live_entry *entry, int sig, uint64_t *ret_awake, struct err *e)
{
	const struct live_list one = {.v = (struct live_entry *)(uintptr_t)entry, .count = 1};
	struct live_use *use = live_uses(&one);
	int r = 0;

	*ret_awake = 0;
	for (uint64_t i = 0; r == 0 && i < use->processes; i++) {
		const struct live_process *process = &use->process[i];
		autoclose int fd = (int)syscall(SYS_pidfd_open, process->pid, 0);

		*ret_awake += !process->stopped;
		if (fd >= 0 && live_start_time(process->pid) == process->start && sys_pidfd_send_signal(fd, sig) < 0 &&
		    errno != ESRCH)
			r = err_errno(e, errno, "signal a process of '%s'", entry->name);
	}
	live_uses_done(use, 1);
	return r;
}

/* Again and again: what is not stopped yet may make more, or wake those that are. All are stopped when they were in
 * some looks, one after the other. */
static int stop_all(const struct live_entry *entry, struct err *e)
{
	enum { LOOKS = 4 };
	const struct timespec pause = {.tv_nsec = NS_PER_SECOND / 500};
	int64_t until = clock_ns(CLOCK_MONOTONIC) + (int64_t)PATIENCE_SECONDS * NS_PER_SECOND;
	uint64_t awake = 0;
	int r = 0;

	for (int still = 0; r == 0 && still < LOOKS; still = awake ? 0 : still + 1) {
		if (clock_ns(CLOCK_MONOTONIC) > until)
			return err_set(e, EAGAIN, "'%s' makes or wakes processes faster than they can be stopped",
				       entry->name);
		r = signal_all(entry, SIGSTOP, &awake, e);
		(void)nanosleep(&pause, NULL);
	}
	return r;
}

static int freeze(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int init = live_open_init(ctl->host.live, entry, e);

	(void)words;
	return init < 0 ? init : stop_all(entry, e);
}

static int thaw(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int init = live_open_init(ctl->host.live, entry, e);
	uint64_t awake;

	(void)words;
	return init < 0 ? init : signal_all(entry, SIGCONT, &awake, e);
}

int ctl_freeze(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, freeze);
}

int ctl_thaw(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, thaw);
}

/* What a detached one has left in its folder. Owned by the caller. */
static char *run_file(const struct ctl *ctl, const char *name, const char *file)
{
	return ctl->host.runs ? xasprintf("%s/%s/%s", ctl->host.runs, name, file) : NULL;
}

/* As a shell has it; -1: there is no report. */
static int status_of_report(const struct ctl *ctl, const char *name)
{
	autofree char *path = run_file(ctl, name, "report.json"), *bytes = xmalloc(1 << 20);
	ssize_t n = path ? fd_read_file(AT_FDCWD, path, bytes, 1 << 20) : -1;
	autostr struct str text = {0};
	struct json *report = NULL;
	struct err none = {0};
	const char *code, *sig;
	int status = -1;

	if (n <= 0)
		return -1;
	str_add_bytes(&text, bytes, (size_t)n);
	if (json_parse(&text, &report, &none) == 0 && json_kind(report) == JSON_OBJECT) {
		code = json_text(json_member(report, "exit_code"));
		sig = json_text(json_member(report, "signal"));
		status = code ? (int)strtol(code, NULL, 10) : sig ? 128 + (int)strtol(sig, NULL, 10) : 125;
	}
	json_done(report);
	return status;
}

/* Of one that has ended already, its report tells. */
int ctl_wait(struct ctl *ctl, int argc, char **argv)
{
	const struct live_entry *entry = NULL;
	struct live_list list = {0};
	autofree char *name = NULL;
	autoclose int monitor = -1;
	struct err e = {0};
	int r, status;

	if (argc != 1)
		return ctl_usage("wait NAME");
	r = live_all(ctl, &list, &e);
	if (r == 0 && live_find(&list, argv[0], &entry, &e) == 0)
		monitor = live_open_monitor(ctl->host.live, entry, &e);
	name = xstrdup(entry ? entry->name : argv[0]);
	live_list_done(&list);
	if (monitor >= 0)
		(void)live_wait(monitor, -1, &e);
	status = status_of_report(ctl, name);
	if (status < 0 && monitor < 0)
		return ctl_fail(&e, 1);
	return status < 0 ? 0 : status;
}

static int show_rest(int fd)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		if (fd_write(STDOUT_FILENO, bytes, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/* Until the sandbox has ended, and a last time. */
static int follow(int fd, const char *path, int monitor)
{
	autoclose int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd events[] = {{.fd = changes, .events = POLLIN}, {.fd = monitor, .events = POLLIN}};
	char drain[4096];

	if (changes < 0 || inotify_add_watch(changes, path, IN_MODIFY) < 0)
		return -1;
	while (!events[1].revents) {
		if (show_rest(fd) < 0 || (poll(events, countof(events), -1) < 0 && errno != EINTR))
			return -1;
		(void)!read(changes, drain, sizeof drain);
	}
	return show_rest(fd);
}

int ctl_logs(struct ctl *ctl, int argc, char **argv)
{
	const struct live_entry *entry = NULL;
	struct live_list list = {0};
	autofree char *path = NULL;
	autoclose int fd = -1, monitor = -1;
	struct live_words words;
	struct err e = {0};
	int r;

	if (!live_words_read(argc, argv, &words))
		return 2;
	if (words.names.count != 1) {
		live_words_done(&words);
		return ctl_usage("logs NAME [--follow]");
	}
	if (live_all(ctl, &list, &e) == 0 && live_find(&list, words.names.v[0], &entry, &e) == 0)
		monitor = live_open_monitor(ctl->host.live, entry, &e);
	path = run_file(ctl, entry ? entry->name : words.names.v[0], "log");
	fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0) {
		(void)err_errno(&e, errno, "open the log of '%s'", words.names.v[0]);
		(void)err_hint(&e, "sandboxes that were started by --detach have one");
	}
	r = fd < 0 ? -1 : words.follow && monitor >= 0 ? follow(fd, path, monitor) : show_rest(fd);
	live_list_done(&list);
	live_words_done(&words);
	return fd < 0 ? ctl_fail(&e, 1) : r < 0;
}

/* By sbx, which has the hands for it. */
int ctl_exec(struct ctl *ctl, int argc, char **argv)
{
	autofree char *path = NULL, *option = NULL;
	autofree char **words = xcalloc((size_t)argc + 4, sizeof *words);
	char end[] = "--";
	struct err e = {0};
	int at = 0;

	(void)ctl;
	if (argc > 1 && str_eq(argv[1], "--"))
		at = 1;
	if (argc < 2 + at)
		return ctl_usage("exec NAME [--] COMMAND [ARG]...");
	path = ctl_sbx(&e);
	if (!path)
		return ctl_fail(&e, 125);
	option = xasprintf("--join=%s", argv[0]);
	words[0] = path;
	words[1] = option;
	words[2] = end;
	memcpy(words + 3, argv + 1 + at, (size_t)(argc - 1 - at) * sizeof *words);
	(void)execv(path, words);
	(void)err_errno(&e, errno, "execute '%s'", path);
	return ctl_fail(&e, 125);
}
