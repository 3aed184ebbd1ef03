/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop-bus: the session bus has to be told that there are other services now: it does not look by itself into a
 * folder that was not there when it started. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "ctl/desktop.h"

/* False: there is no session bus. A bus that starts later reads all by itself. */
static bool find_bus(const struct ctl *ctl)
{
	autofree char *path = NULL, *address = NULL;
	struct stat st;

	if (host_env(&ctl->host, "DBUS_SESSION_BUS_ADDRESS"))
		return true;
	path = ctl->host.runtime ? xasprintf("%s/bus", ctl->host.runtime) : NULL;
	if (!path || stat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	address = xasprintf("unix:path=%s", path);
	return setenv("DBUS_SESSION_BUS_ADDRESS", address, 1) == 0;
}

static int run(char *const *argv, struct err *e)
{
	autoclose int nothing = open("/dev/null", O_RDWR | O_CLOEXEC), said = child_file(NULL, e);
	autostr struct str text = {0};
	int status;

	if (nothing < 0 || said < 0)
		return err_errno(e, errno, "start '%s'", argv[0]);
	status = child_run(argv, -1, (int[]){nothing, nothing, said}, e);
	if (status <= 0)
		return status;
	(void)child_said(said, 4096, &text, e);
	return child_failed(argv[0], status, &text, e);
}

#define BUS "org.freedesktop.DBus"

int desk_reload(const struct ctl *ctl, struct err *e)
{
	static const char *const calls[][16] = {
		{"/usr/bin/dbus-send", "--session", "--print-reply", "--reply-timeout=5000", "--dest=" BUS, "/",
		 BUS ".ReloadConfig", NULL},
		{"/usr/bin/gdbus", "call", "--session", "--timeout=5", "--dest=" BUS, "--object-path=/",
		 "--method=" BUS ".ReloadConfig", NULL},
		{"/usr/bin/busctl", "--user", "--timeout=5", "call", BUS, "/", BUS, "ReloadConfig", NULL},
	};
	int r = -ENOENT;

	if (!find_bus(ctl))
		return 0;
	(void)err_set(e, ENOENT, "none of dbus-send, gdbus, busctl is installed");
	for (size_t i = 0; r < 0 && i < countof(calls); i++)
		if (access(calls[i][0], X_OK) == 0)
			r = run((char *const *)calls[i], e);
	if (r == 0)
		return 0;
	(void)err_prefix(e, "the session bus does not know yet that its services are others");
	return err_hint(e, "it will at the next login; or call " BUS ".ReloadConfig of " BUS " at '/'");
}
