/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/join-wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"

int join_signals(struct monitor *m, struct err *e)
{
	static const int taken[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < countof(taken); i++)
		(void)sigaddset(&set, taken[i]);
	m->signals = sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -1 : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals < 0 ? err_errno(e, errno, "take signals") : 0;
}

static void pass_signal(struct monitor *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGWINCH && m->master >= 0)
		terminal_resize(&m->terminal, m->master);
	else
		(void)sys_pidfd_send_signal(m->pidfd, (int)info.ssi_signo);
}

static bool shows(const struct monitor *m, bool alive)
{
	/* what the command has started may hold its streams for long */
	return alive || relay_open(&m->relay[1]) || relay_open(&m->relay[2]);
}

/* Until the command has ended and what it has written has passed. */
static int attend(struct monitor *m, struct err *e)
{
	enum { PIDFD, SIGNALS, FIRST_RELAY, SLOTS = FIRST_RELAY + 3, LINGER_MS = 500 };
	bool alive = true;

	while (shows(m, alive)) {
		struct pollfd slots[SLOTS] = {{.fd = alive ? m->pidfd : -1, .events = POLLIN},
					      {.fd = m->signals, .events = POLLIN}};
		int n;

		for (int i = 0; i < 3; i++)
			if (!relay_poll(&m->relay[i], &slots[FIRST_RELAY + i]))
				slots[FIRST_RELAY + i] = (struct pollfd){.fd = -1};
		n = poll(slots, SLOTS, alive ? -1 : LINGER_MS);
		if (n < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for the command");
		if (n == 0)
			return 0;
		if (n < 0)
			continue;
		if (slots[SIGNALS].revents)
			pass_signal(m);
		for (int i = 0; i < 3; i++)
			relay_move(&m->relay[i], slots[FIRST_RELAY + i].revents);
		if (slots[PIDFD].revents) {
			alive = false;
			relay_close(&m->relay[0]);
		}
	}
	return 0;
}

int join_wait(struct monitor *m, int *ret_status, struct err *e)
{
	int status = 0, r;

	m->pidfd = (int)syscall(SYS_pidfd_open, m->init, 0);
	r = m->pidfd < 0 ? err_errno(e, errno, "open the command's process") : attend(m, e);
	if (r < 0)
		(void)kill(m->init, SIGKILL); /* our child, not waited for */
	while (waitpid(m->init, &status, __WALL) < 0)
		if (errno != EINTR)
			return r < 0 ? r : err_errno(e, errno, "wait for the command");
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return r;
}
