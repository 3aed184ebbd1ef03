/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keep-watch: the keeper. It has nothing of the sandbox but folders that it looks into by name, and takes no signal: it
 * ends when the sandbox has. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/coverage.h"
#include "base/mem.h"
#include "base/sys.h"
#include "box/clear.h"
#include "run/keep.h"

enum { PAUSE_NS = 5 * 1000 * 1000 /* so that many events cost little */ };

static void take_event(struct keep *keep, const struct inotify_event *event)
{
	bool lost = event->mask & IN_Q_OVERFLOW;

	for (size_t i = 0; i < keep->count; i++) {
		struct keep_file *file = &keep->file[i];

		if (!lost && (event->wd != file->watch || !event->len || !str_eq(event->name, file->copy)))
			continue;
		file->whole = !lost && (event->mask & IN_MOVED_TO || (file->whole && event->mask & IN_CLOSE_WRITE));
		file->changed |= lost || event->mask & (IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE);
	}
}

void keep_read_events(struct keep *keep)
{
	char buffer[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(keep->events, buffer, sizeof buffer)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(buffer + at);

			take_event(keep, event);
			at += (ssize_t)(sizeof *event + event->len);
		}
}

static void commit(struct keep *keep, struct keep_file *file)
{
	if (keep_commit(file) == 0)
		keep->kept->saved++;
}

/* `alive`: what is closed now was not closed by the end of the sandbox. */
static void bring(struct keep *keep, struct keep_file *file, bool alive)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	if (file->coming.fd >= 0 && file->changed && file->whole)
		keep_forget(file);
	if (file->coming.fd >= 0 && alive && now >= file->settled)
		commit(keep, file);
	if (file->coming.fd >= 0 || !file->changed)
		return;
	file->changed = false;
	if (keep_snapshot(file) < 0)
		return; /* who still writes it will close it; what can't be is told at last */
	keep_read_events(keep);
	if (file->whole)
		commit(keep, file);
	else
		file->settled = clock_ns(CLOCK_MONOTONIC) + KEEP_SETTLE_NS;
}

static int time_left(const struct keep *keep)
{
	int64_t next = INT64_MAX, left;

	for (size_t i = 0; i < keep->count; i++)
		if (keep->file[i].coming.fd >= 0 && keep->file[i].settled < next)
			next = keep->file[i].settled;
	if (next == INT64_MAX)
		return -1;
	left = (next - clock_ns(CLOCK_MONOTONIC)) / 1000000 + 1;
	return left < 0 ? 0 : (int)left;
}

/* Until all are dead. The monitor's word, or 'k' if that was killed. */
static char watch(struct keep *keep, int sandbox)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	bool alive = true, ended = false;

	while (!ended || alive) {
		struct pollfd fds[] = {{.fd = keep->events, .events = POLLIN},
				       {.fd = alive ? sandbox : -1, .events = POLLIN},
				       {.fd = ended ? -1 : keep->channel, .events = POLLIN}};
		char word;

		if (poll(fds, countof(fds), ended ? -1 : time_left(keep)) < 0 && errno != EINTR)
			break;
		alive = alive && !fds[1].revents;
		if (fds[2].revents) {
			if (read(keep->channel, &word, 1) == 1)
				return word;
			ended = true;
		}
		keep_read_events(keep);
		for (size_t i = 0; i < keep->count; i++)
			bring(keep, &keep->file[i], alive && !ended);
		(void)nanosleep(&pause, NULL);
	}
	return 'k';
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* All but what is needed: whoever reads what sbx writes must see its end, also if sbx is killed. */
static void close_others(const struct keep *keep, int sandbox)
{
	size_t count = 0;
	autofree int *needed = xcalloc(keep->count * 3 + 3, sizeof *needed);
	int next = 3, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		(void)dup2(null, fd);
	needed[count++] = keep->events;
	needed[count++] = keep->channel;
	needed[count++] = sandbox;
	for (size_t i = 0; i < keep->count; i++) {
		needed[count++] = keep->file[i].above;
		needed[count++] = keep->file[i].folder;
		needed[count++] = keep->file[i].lock;
	}
	qsort(needed, count, sizeof *needed, by_number);
	for (size_t i = 0; i < count; i++) {
		if (needed[i] > next)
			(void)sys_close_range((unsigned)next, (unsigned)needed[i] - 1, 0);
		next = needed[i] >= next ? needed[i] + 1 : next;
	}
	(void)sys_close_range((unsigned)next, ~0U, 0);
}

void keep_keeper(struct keep *keep, int sandbox)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid(); /* it is not of the job that a terminal or a shell ends */
	close_others(keep, sandbox);
	keep_finish(keep, watch(keep, sandbox) == 'x');
	coverage_keep();
	_exit(0);
}
