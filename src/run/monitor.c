/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wait loop of the monitor: one ppoll on all that can happen, with the nearest deadline as its end. */
#include "run/monitor.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "run/denied.h"
#include "run/outcome.h"

enum { ABANDON_NS = 500000000 };
enum { CPU_CHECK_MIN_NS = 500000 }; /* nearer to the limit than this, the overshoot is small and a wake-up costs more */

enum slot { SLOT_PIDFD, SLOT_STATUS, SLOT_SIGNALS, SLOT_LISTENER, SLOT_OOM, SLOT_RELAY, SLOTS = SLOT_RELAY + RELAYS };

static void fill(const struct monitor *m, struct pollfd slots[SLOTS], bool alive)
{
	slots[SLOT_PIDFD] = (struct pollfd){.fd = alive ? m->pidfd : -1, .events = POLLIN};
	slots[SLOT_STATUS] = (struct pollfd){.fd = m->status, .events = POLLIN};
	slots[SLOT_SIGNALS] = (struct pollfd){.fd = m->signals, .events = POLLIN};
	slots[SLOT_LISTENER] = (struct pollfd){.fd = m->listener, .events = POLLIN};
	slots[SLOT_OOM] = (struct pollfd){.fd = alive ? m->groups.oom : -1, .events = POLLIN};
	for (int i = 0; i < RELAYS; i++)
		if (!relay_poll(&m->relay[i], &slots[SLOT_RELAY + i]))
			slots[SLOT_RELAY + i] = (struct pollfd){.fd = -1};
}

int64_t monitor_deadline(const struct monitor *m)
{
	int64_t wall = m->wall_limit < 0 ? INT64_MAX : m->executed_at + m->wall_limit;

	if (m->abandon_by < INT64_MAX)
		return m->abandon_by;
	if (m->killing && !m->ended)
		return m->kill_by;
	if (!m->outcome->executed || m->ended)
		return INT64_MAX;
	return wall < m->next_cpu_check ? wall : m->next_cpu_check;
}

static int wait_for_events(const struct monitor *m, struct pollfd slots[SLOTS])
{
	int64_t until = monitor_deadline(m), left = until - clock_ns(CLOCK_MONOTONIC);
	struct timespec timeout = {0};

	if (until == INT64_MAX)
		return ppoll(slots, SLOTS, NULL, NULL);
	if (left > 0)
		timeout = (struct timespec){left / NS_PER_SECOND, left % NS_PER_SECOND};
	return ppoll(slots, SLOTS, &timeout, NULL);
}

void monitor_check_limits(struct monitor *m)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC), left;

	m->abandoned |= now >= m->abandon_by;
	if (m->killing && !m->ended && now >= m->kill_by) {
		/* The kernel tells nobody what those used that it reaps for a dead init. */
		m->cpu_seen = monitor_cpu(m);
		monitor_kill_hard(m);
	}
	if (!m->outcome->executed || m->killing || m->ended)
		return;
	if (now >= m->next_cpu_check) {
		left = m->cpu_limit - monitor_cpu(m);
		if (left <= 0)
			monitor_kill(m, VERDICT_CPU_TIME);
		left /= m->cpus;
		m->next_cpu_check = now + (left > CPU_CHECK_MIN_NS ? left : CPU_CHECK_MIN_NS);
	}
	if (m->wall_limit >= 0 && now >= m->executed_at + m->wall_limit)
		monitor_kill(m, VERDICT_WALL_TIME);
}

static void check_memory(struct monitor *m)
{
	char drain[4096];

	(void)!read(m->groups.oom, drain, sizeof drain); /* an eventfd or inotify: only that it came counts */
	if (cgroups_out_of_memory(&m->groups))
		monitor_kill(m, VERDICT_MEMORY);
}

/* All processes are dead when the pidfd says so: the kernel ends a pid namespace before its pid 1. */
static void bury(struct monitor *m)
{
	struct rusage usage = {0};
	int wait_status;

	while (wait4(m->init, &wait_status, __WALL, &usage) < 0)
		if (errno != EINTR)
			break;
	if (m->ended || !m->outcome->executed)
		return;
	/* init was killed with the rest: what it and the kernel reaped for it is all there is, less its own part */
	m->outcome->ended_at = clock_ns(CLOCK_MONOTONIC);
	m->outcome->wall = m->outcome->ended_at - m->executed_at;
	outcome_use(m->outcome, &usage, m->init_cpu_ns);
}

static const char *const streams[RELAYS] = {"input", "output", "error output", "terminal"};

static int dispatch(struct monitor *m, struct pollfd slots[SLOTS], bool *alive, struct err *e)
{

	if (slots[SLOT_STATUS].revents && monitor_status(m, e) < 0)
		return -e->code;
	if (slots[SLOT_SIGNALS].revents)
		monitor_signal(m);
	if (slots[SLOT_LISTENER].revents & POLLIN)
		denied_answer(m);
	else if (slots[SLOT_LISTENER].revents) { /* no process has the filter any more */
		mem_close_ptr(&m->listener);
		m->listener = -1;
	}
	if (slots[SLOT_OOM].revents)
		check_memory(m);
	for (int i = 0; i < RELAYS; i++) {
		struct relay *relay = &m->relay[i];

		relay_move(relay, slots[SLOT_RELAY + i].revents);
		if (relay->error)
			return err_errno(e, relay->error, "pass on the standard %s of the command", streams[i]);
		if (relay->truncated)
			monitor_kill(m, VERDICT_OUTPUT);
	}
	if (slots[SLOT_PIDFD].revents && m->status < 0) { /* its last words first */
		bury(m);
		*alive = false;
		if (m->killing || m->terminations) /* a limit, or a signal, is kept, whether or not anybody takes what
						      is left of the output */
			m->abandon_by = clock_ns(CLOCK_MONOTONIC) + ABANDON_NS;
		relay_close(&m->relay[0]);
	}
	return 0;
}

/* Is there output that has not passed? */
static bool shows(const struct monitor *m)
{
	return relay_open(&m->relay[1]) || relay_open(&m->relay[2]) || relay_open(&m->relay[RELAY_TERMINAL]);
}

int monitor_wait(struct monitor *m, struct err *e)
{
	struct pollfd slots[SLOTS];
	bool alive = true;

	while (alive || (!m->abandoned && shows(m))) {
		int r;

		fill(m, slots, alive);
		r = wait_for_events(m, slots);
		if (r < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for the sandbox");
		r = r < 0 ? 0 : dispatch(m, slots, &alive, e);
		if (r < 0)
			return r;
		monitor_check_limits(m);
	}
	if (!m->outcome->executed && m->killing)
		return err_set(e, EINTR, "interrupted before the command ran");
	if (!m->outcome->executed)
		return err_set(e, EIO, "the sandbox's init ended before the command ran");
	/* on v2 the kernel ends the whole group for memory, init too */
	if (!m->ended && !m->killing && !cgroups_out_of_memory(&m->groups))
		return err_set(e, EIO, "the sandbox's init ended before the command did");
	return 0;
}
