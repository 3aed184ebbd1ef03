/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: what this system can enforce, layer by layer, with what mends what it can't. */
#include "ctl/doctor.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "compile/compile.h"
#include "ctl/ctl.h"
#include "ctl/doctor-desktop.h"
#include "ctl/rows.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/sbx"
#endif

static bool sysctl_is(const char *path, const char *value)
{
	char text[32];
	ssize_t n = fd_read_file(AT_FDCWD, path, text, sizeof text);

	return n > 0 && strncmp(text, value, strlen(value)) == 0 && text[strlen(value)] == '\n';
}

static void namespaces(struct doctor *d, const struct host *host)
{
	int error = host_try_namespaces(host);
	autofree char *text = xasprintf("user namespaces can%s be made%s%s", error ? "'t" : "", error ? ": " : "",
					error ? strerror(error) : "");
	const char *fix = "run outside of the container or filter that forbids unshare and mount";

	if (sysctl_is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
		fix = "sysctl kernel.unprivileged_userns_clone=1";
	else if (host->user_namespaces == 0)
		fix = "sysctl user.max_user_namespaces=10000";
	else if (sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
		fix = "load the AppArmor profile " PKGDATADIR "/apparmor/sbx, see sbx(1)";
	doctor_finding(d, "namespaces", error == 0, text, fix);
}

static void kernel(struct doctor *d, const struct host *host)
{
	autofree char *text = xasprintf("Linux %u.%u on %s", host->kernel[0], host->kernel[1], host->machine);
	autofree char *landlock =
		xasprintf("Landlock ABI %d: %s", host->landlock_abi,
			  host->landlock_abi >= 6   ? "files, TCP ports, abstract sockets"
			  : host->landlock_abi >= 4 ? "files, TCP ports; not abstract sockets (6.12)"
			  : host->landlock_abi      ? "files; not TCP ports (6.7), not abstract sockets (6.12)"
						    : "none");
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	doctor_finding(d, "kernel", 1, text, NULL);
	doctor_finding(d, "landlock", host->landlock_abi > 0, landlock,
		       "a kernel of 5.13 or newer, booted with landlock in lsm=");
	doctor_finding(d, "syscalls", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0,
		       "seccomp filters, and the report of denied calls", "a kernel with CONFIG_SECCOMP_FILTER");
	doctor_finding(d, "code", host->mdwe ? 1 : -1,
		       host->mdwe ? "memory that is never writable and executable (PR_SET_MDWE)"
				  : "writable-code = no is kept by the system call filter",
		       "Linux 6.3 or newer does it without cost");
	doctor_finding(d, "terminal", !sysctl_is("/proc/sys/dev/tty/legacy_tiocsti", "1") ? 1 : -1,
		       "input can't be pushed into terminals by any program (dev.tty.legacy_tiocsti)",
		       "sysctl dev.tty.legacy_tiocsti=0; inside a sandbox it is denied anyway");
}

/* An id is chosen, and free again when doctor ends. */
static void isolated(struct doctor *d, struct host *host)
{
	autofree char *text = NULL;
	struct err missing = {0};

	host_read_isolated(host);
	if (compile_may_isolate(host, &missing) < 0) {
		doctor_finding(d, "isolated", -1, missing.text, missing.hint[0] ? missing.hint : NULL);
		return;
	}
	text = xasprintf("process.user = isolated, with uids %u:%u, gids %u:%u", host->isolated->uids.first,
			 host->isolated->uids.count, host->isolated->gids.first, host->isolated->gids.count);
	doctor_finding(d, "isolated", 1, text, NULL);
}

static void limits(struct doctor *d, struct host *host)
{
	static const char *const names[] = {"memory", "pids", "cpu", "cpuacct", "cpuset", "io"};
	static const char *const kinds[] = {"none", "cgroup v2", "cgroup v1", "a scope of systemd"};
	struct err e = {0};

	if (host_read_cgroups(host, &e) < 0) {
		doctor_finding(d, "limits", 0, e.text, e.hint[0] ? e.hint : NULL);
		return;
	}
	for (int i = 0; i < CG_CONTROLLERS; i++) {
		const struct cgroup_place *place = &host->cgroup[i];
		autofree char *layer = xasprintf("limit %s", names[i]);
		autofree char *text = xasprintf("%s%s%s", kinds[place->kind], place->folder ? " below " : "",
						place->folder ? place->folder : "");

		doctor_finding(d, layer, place->kind != CGROUP_NONE ? 1 : -1, text,
			       "a delegated cgroup (systemd-run --user --scope -p Delegate=yes), or run as root");
	}
}

static void helpers(struct doctor *d)
{
	static const char *const programs[][3] = {
		{"pasta", "passt", "network.mode = nat"},
		{"xdg-dbus-proxy", "xdg-dbus-proxy", "D-Bus filters"},
		{"Xephyr", "xserver-xephyr", "an isolated X11 display"},
		{"newuidmap", "uidmap", "process.user = isolated and filesystem.image-ids = many of ordinary callers"},
		{"skopeo", "skopeo", "images of registries"}};
	static const char *const folders[] = {"/usr/bin", "/usr/local/bin", "/bin"};

	for (size_t i = 0; i < countof(programs); i++) {
		autofree char *text = xasprintf("for %s", programs[i][2]),
			      *fix = xasprintf("apt-get install %s", programs[i][1]);
		bool found = false;

		for (size_t j = 0; j < countof(folders); j++) {
			autofree char *path = xasprintf("%s/%s", folders[j], programs[i][0]);

			found |= access(path, X_OK) == 0;
		}
		doctor_finding(d, programs[i][0], found ? 1 : -1, text, fix);
	}
}

struct wish {
	bool json, grading, desktop, fix;
};

static bool parse(int argc, char **argv, struct wish *ret)
{
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--json"))
			ret->json = true;
		else if (str_eq(argv[i], "--grading"))
			ret->grading = true;
		else if (str_eq(argv[i], "--desktop"))
			ret->desktop = true;
		else if (str_eq(argv[i], "--fix"))
			ret->fix = true;
		else
			return false;
	}
	return !(ret->grading && ret->desktop) && (ret->desktop || !ret->fix);
}

/* What can be mended is mended first, and then all is looked at anew. */
static int desktop(struct doctor *d, const struct ctl *ctl, const struct wish *wish)
{
	struct err e = {0};
	int status = 0;

	if (wish->fix) {
		autodesk struct desk desk = {0};
		struct rows mended;

		if (desk_read(ctl, &desk, &e) < 0)
			return ctl_fail(&e, 1);
		rows_begin(&mended, "entries", false);
		status = desk_mend(&desk, &mended);
		if (!wish->json)
			str_add(&d->out, mended.text.s ? mended.text.s : "");
		rows_drop(&mended);
	}
	autodesk struct desk desk = {0};

	if (desk_read(ctl, &desk, &e) < 0)
		return ctl_fail(&e, 1);
	doctor_desktop(d, &desk);
	return status;
}

static void layers(struct doctor *d, struct ctl *ctl, bool grading)
{
	kernel(d, &ctl->host);
	namespaces(d, &ctl->host);
	isolated(d, &ctl->host);
	limits(d, &ctl->host);
	if (grading)
		doctor_grading(d, "", NS_PER_SECOND);
	else
		helpers(d);
}

int ctl_doctor(struct ctl *ctl, int argc, char **argv)
{
	struct doctor d = {.colour = isatty(STDOUT_FILENO)};
	struct wish wish = {0};
	struct rows rows;
	int status = 0;

	if (!parse(argc, argv, &wish))
		return ctl_usage("doctor takes --json, and one of --grading and --desktop [--fix]");
	rows_begin(&rows, "findings", wish.json);
	d.findings = wish.json ? rows.list : NULL;
	if (wish.desktop)
		status = desktop(&d, ctl, &wish);
	else
		layers(&d, ctl, wish.grading);
	str_add(&rows.text, d.out.s ? d.out.s : "");
	str_done(&d.out);
	return rows_end(&rows, NULL, 0, status ? status : d.bad > 0);
}
