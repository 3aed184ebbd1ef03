/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

void terminal_raw(struct caller_terminal *terminal)
{
	struct termios raw;

	if (terminal->fd < 0 || terminal->raw || tcgetattr(terminal->fd, &terminal->before) < 0)
		return;
	raw = terminal->before;
	cfmakeraw(&raw);
	terminal->raw = tcsetattr(terminal->fd, TCSADRAIN, &raw) == 0;
}

bool terminal_is_ours(const struct caller_terminal *terminal)
{
	pid_t foreground = terminal->fd < 0 ? -1 : tcgetpgrp(terminal->fd); /* it fails where we have no job control */

	return foreground <= 0 || foreground == getpgrp();
}

void terminal_restore(struct caller_terminal *terminal)
{
	if (!terminal->raw)
		return;
	(void)tcsetattr(terminal->fd, TCSADRAIN, &terminal->before); /* the terminal may be gone */
	terminal->raw = false;
}

void terminal_resize(const struct caller_terminal *terminal, int master)
{
	struct winsize size;

	if (terminal->fd >= 0 && ioctl(terminal->fd, TIOCGWINSZ, &size) == 0)
		(void)ioctl(master, TIOCSWINSZ, &size);
}
