/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* system: what init sets up of the sandbox's own kernel objects after the root is there. */
#include <errno.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "base/mem.h"
#include "base/sys.h"
#include "init/steps.h"

int do_loopback(struct sandbox *s, const struct step *step, struct err *e)
{
	autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};

	(void)s;
	(void)step;
	if (fd < 0)
		return err_errno(e, errno, "make a socket");
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_errno(e, errno, "bring the loopback interface up");
	return 0;
}

int do_subreaper(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	(void)step;
	return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? err_errno(e, errno, "become the reaper of what is left") : 0;
}

int do_hostname(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *name = plan_text(s->plan, step->a);

	if (sethostname(name, strlen(name)) < 0)
		return err_errno(e, errno, "set the host name to '%s'", name);
	return 0;
}

int do_keyring(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	(void)step;
	/* ENOSYS: the kernel has no keys, so there is nothing to keep apart */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return err_errno(e, errno, "join a new session keyring");
	return 0;
}

int do_session(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	(void)step;
	if (setsid() < 0)
		return err_errno(e, errno, "start a new session");
	return 0;
}

/* The new terminal looks like the caller's, if one of the standard fds is that. */
static void copy_terminal(int slave)
{
	for (int fd = 0; fd < 3; fd++) {
		struct termios mode;
		struct winsize size;

		if (tcgetattr(fd, &mode) < 0)
			continue;
		(void)tcsetattr(slave, TCSANOW, &mode); /* a terminal in its first state is a terminal too */
		if (ioctl(fd, TIOCGWINSZ, &size) == 0)
			(void)ioctl(slave, TIOCSWINSZ, &size);
		return;
	}
}

/* The payload may be another user than the one that makes the terminal. */
static int give_terminal(const struct sandbox *s, int slave, struct err *e)
{
	const struct step *ids = plan_find(s->plan, STEP_SET_IDS);

	if (ids && fchown(slave, (uid_t)ids->n, (gid_t)ids->m) < 0)
		return err_errno(e, errno, "give the terminal to the payload");
	return 0;
}

int do_terminal(struct sandbox *s, const struct step *step, struct err *e)
{
	autoclose int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct status status = {.type = STATUS_TERMINAL};
	int unlock = 0, r;

	(void)step;
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_errno(e, errno, "make a terminal");
	s->terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->terminal < 0)
		return err_errno(e, errno, "open the terminal");
	copy_terminal(s->terminal);
	r = give_terminal(s, s->terminal, e);
	if (r < 0)
		return r;
	if (setsid() < 0 || ioctl(s->terminal, TIOCSCTTY, 0) < 0)
		return err_errno(e, errno, "make it the controlling terminal");
	r = status_send(s->status, &status, master);
	return r < 0 ? err_errno(e, -r, "hand the terminal to sbx") : 0;
}
