/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: the terminal of the caller: bytes put into its input, its modes, its groups. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd : 0;
}

static int inject(unsigned long high)
{
	for (const char *c = "echo evil\n"; *c; c++)
		if (syscall(SYS_ioctl, terminal(), TIOCSTI | high, c) < 0)
			return shut("TIOCSTI");
	return opened("put a command into the terminal");
}

static int tiocsti(int argc, char **argv)
{
	(void)argc, (void)argv;
	return inject(0);
}

static int tiocsti_high(int argc, char **argv)
{
	(void)argc, (void)argv;
	return inject(1UL << 32);
}

static int tioclinux(int argc, char **argv)
{
	char paste = 3;

	(void)argv;
	if (ioctl(terminal(), TIOCLINUX, &paste) == 0)
		return opened("TIOCLINUX");
	/* On a terminal that is no console, the kernel itself says ENOTTY: then the filter let the call through. With
	 * an argument, only success counts. */
	return errno == ENOTTY && argc == 0 ? opened("TIOCLINUX reaches the kernel") : shut("TIOCLINUX");
}

/* What a program that dies badly leaves behind: raw, another group in front, no blocking. Tells the result on standard
 * error. */
static int tty_mess(int argc, char **argv)
{
	struct termios t;
	int fd = terminal(), nobody = 0, discipline = 3;

	(void)argc, (void)argv;
	results_to(2);
	(void)signal(SIGTTOU, SIG_IGN);
	if (tcgetattr(fd, &t) < 0)
		return shut("no terminal");
	cfmakeraw(&t);
	(void)tcsetattr(fd, TCSANOW, &t);
	(void)ioctl(fd, TIOCSCTTY, 1);
	(void)tcsetpgrp(fd, nobody);
	(void)ioctl(fd, TIOCSETD, &discipline);
	for (int i = 0; i < 3; i++)
		(void)fcntl(i, F_SETFL, fcntl(i, F_GETFL) | O_NONBLOCK);
	return opened("a terminal");
}

struct pty {
	int master, slave;
};

static int pty_open(struct pty *ret)
{
	struct pty p = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
	struct termios t;

	if (p.master < 0 || grantpt(p.master) < 0 || unlockpt(p.master) < 0)
		return -1;
	p.slave = open(ptsname(p.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p.slave < 0 || tcgetattr(p.slave, &t) < 0)
		return -1;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (tcsetattr(p.slave, TCSANOW, &t) < 0)
		return -1;
	*ret = p;
	return 0;
}

static pid_t pty_start(const struct pty *p, char **argv)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	(void)setsid();
	(void)ioctl(p->slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(p->slave, fd);
	_exit(execute(argv));
}

/* Passes on what the command says, without carriage returns, until it has ended. */
static int pty_relay(const struct pty *p, pid_t pid, bool quiet)
{
	struct pollfd poll_for = {p->master, POLLIN, 0};
	char text[4096];
	int status = 0;
	pid_t ended = 0;

	while (ended != pid) {
		ended = waitpid(pid, &status, WNOHANG);
		while (poll(&poll_for, 1, ended == pid ? 0 : 20) > 0 && (poll_for.revents & POLLIN)) {
			ssize_t n = read(p->master, text, sizeof text), kept = 0;

			for (ssize_t i = 0; i < n; i++)
				if (text[i] != '\r')
					text[kept++] = text[i];
			if (!quiet && kept > 0 && write(1, text, (size_t)kept) < 0)
				return RESULT_BROKEN;
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* COMMAND...: on a terminal; its output and status. */
static int on_pty(int argc, char **argv)
{
	struct pty p;

	if (argc < 1 || pty_open(&p) < 0)
		return broken("open a terminal");
	return pty_relay(&p, pty_start(&p, argv), false);
}

/* COMMAND...: on a terminal; OPEN if something waits in its input afterwards. */
static int pty_pending(int argc, char **argv)
{
	struct pty p;
	int pending = 0, status;

	if (argc < 1 || pty_open(&p) < 0)
		return broken("open a terminal");
	status = pty_relay(&p, pty_start(&p, argv), true);
	if (ioctl(p.slave, FIONREAD, &pending) < 0)
		return broken("FIONREAD");
	if (pending > 0)
		return opened("%d bytes wait in the caller's terminal, status %d", pending, status);
	return status == RESULT_OPEN || status == RESULT_SHUT ? (errno = 0, shut("nothing in the caller's terminal"))
							      : (errno = 0, broken("status %d", status));
}

/* COMMAND...: on a terminal; OPEN if its modes, discipline, or flags are others afterwards. */
static int pty_mess(int argc, char **argv)
{
	struct termios before, after;
	int discipline, status, flags;
	struct pty p;

	if (argc < 1 || pty_open(&p) < 0 || tcgetattr(p.slave, &before) < 0)
		return broken("open a terminal");
	status = pty_relay(&p, pty_start(&p, argv), true);
	flags = fcntl(p.slave, F_GETFL);
	if (tcgetattr(p.slave, &after) < 0 || ioctl(p.slave, TIOCGETD, &discipline) < 0)
		return broken("read the modes");
	if (before.c_lflag != after.c_lflag || before.c_iflag != after.c_iflag || before.c_oflag != after.c_oflag)
		return opened("other modes of the caller's terminal, status %d", status);
	if (discipline)
		return opened("line discipline %d, status %d", discipline, status);
	if (flags & O_NONBLOCK)
		return opened("the caller's terminal does not block, status %d", status);
	errno = 0;
	if (status != RESULT_OPEN && status != RESULT_SHUT)
		return broken("status %d", status);
	return shut("the caller's terminal is as before");
}

const struct attack pty_setups[] = {
	{"tiocsti", "put a command into the terminal", tiocsti},
	{"tiocsti-high", "the same with bits that the kernel does not look at", tiocsti_high},
	{"tioclinux", "[only]: paste into a console", tioclinux},
	{"tty-mess", "leave the terminal in disorder", tty_mess},
	{"on-pty", "COMMAND...: on a terminal", on_pty},
	{"pty-pending", "COMMAND...: does it leave bytes in the input?", pty_pending},
	{"pty-mess", "COMMAND...: does it leave the terminal in disorder?", pty_mess},
	{NULL, NULL, NULL},
};
