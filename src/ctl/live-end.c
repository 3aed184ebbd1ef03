/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* live-end: sbxctl stop, kill, freeze, thaw and exec. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/child.h"
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

/* What was done, unless it could not be. */
static int did(const struct live_words *words, const char *what, int r)
{
	json_add_string(words->row, "done", what);
	return r < 0 ? r : 0;
}

static int stop(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int monitor = live_open_monitor(ctl->host.live, entry, e);
	int r = monitor < 0 ? monitor : tell(monitor, SIGTERM, entry, e);

	if (r == 0)
		r = live_wait(monitor, words->grace_ns, e);
	return did(words, "stopped", r == 0 ? end_it(monitor, entry, e) : r);
}

static int kill_it(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int monitor = live_open_monitor(ctl->host.live, entry, e);

	if (monitor < 0)
		return monitor;
	if (words->signal && words->signal != SIGKILL)
		return did(words, "signalled", tell(monitor, words->signal, entry, e));
	return did(words, "killed", end_it(monitor, entry, e));
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

	return did(words, "frozen", init < 0 ? init : stop_all(entry, e));
}

static int thaw(const struct ctl *ctl, const struct live_entry *entry, const struct live_words *words, struct err *e)
{
	autoclose int init = live_open_init(ctl->host.live, entry, e);
	uint64_t awake;

	return did(words, "thawed", init < 0 ? init : signal_all(entry, SIGCONT, &awake, e));
}

int ctl_freeze(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, freeze);
}

int ctl_thaw(struct ctl *ctl, int argc, char **argv)
{
	return live_each(ctl, argc, argv, thaw);
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
	path = child_sbx(&e);
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
