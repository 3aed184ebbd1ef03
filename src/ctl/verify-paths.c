/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-paths: what is tried by its path. Where a path of the host is seen inside is looked up in the plan; whether it
 * is really there is for the probe to say. */
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "compile/files.h"
#include "ctl/verify.h"

enum { DEPTH_MAX = 3 };

void items_path_ways(struct item *item, const struct planned *planned)
{
	const struct plan *plan = &planned->plan;
	autofree char *real = host_real(&planned->host, item->argument);

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		const char *source = plan_text(plan, step->a), *target = plan_text(plan, step->b);
		size_t len = source[1] ? strlen(source) : 0;

		if ((step->kind == STEP_BIND || step->kind == STEP_OVERLAY) && path_below(real, source)) {
			autofree char *inside = xasprintf("%s%s", target[1] || !real[len] ? target : "", real + len);
			const char *why = plan_text(plan, step->why);

			/* what protects profiles repeats a part of another rule, which is the one that shows it */
			items_way(item, inside, why, str_eq(why, PROFILES_NEVER_WRITABLE) ? 0 : strlen(source));
		}
	}
	items_way(item, item->argument, NULL, 0);
}

static void add(struct items *items, enum verify_group group, const char *path, const struct planned *planned)
{
	struct item *item;

	if (items_have(items, group, path))
		return;
	item = items_add(items, group, group == GROUP_FILES_READ ? "read" : "write", path);
	item->sentence = group == GROUP_FILES_READ ? "can read" : "can write";
	item->danger = group == GROUP_FILES_READ ? danger_of_reading(&planned->host, path)
						 : danger_of_writing(&planned->host, path);
	items_path_ways(item, planned);
}

static void files_of_home(struct items *items, const struct planned *planned)
{
	const struct host *host = &planned->host;
	autostrv struct strv names = {0};

	if (!host->home)
		return;
	add(items, GROUP_FILES_READ, host->home, planned);
	add(items, GROUP_FILES_WRITTEN, host->home, planned);
	host->list(host, host->home, &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("%s/%s", host->home, names.v[i]);

		add(items, GROUP_FILES_READ, path, planned);
	}
	for (size_t i = 0; secrets_of_home[i]; i++) {
		autofree char *path = xasprintf("%s/%s", host->home, secrets_of_home[i]);

		add(items, GROUP_FILES_READ, path, planned);
	}
	for (size_t i = 0; started_of_home[i]; i++) {
		autofree char *path = xasprintf("%s/%s", host->home, started_of_home[i]);

		add(items, GROUP_FILES_WRITTEN, path, planned);
	}
}

static void files_of_system(struct items *items, const struct planned *planned)
{
	static const char *const read[] = {"/root",
					   "/etc/shadow",
					   "/etc/gshadow",
					   "/etc",
					   "/var",
					   "/var/log",
					   "/var/lib",
					   "/boot",
					   "/srv",
					   "/mnt",
					   "/media",
					   "/opt",
					   "/tmp",
					   "/var/tmp",
					   "/run",
					   "/etc/ssh/ssh_host_rsa_key",
					   "/etc/ssh/ssh_host_ed25519_key",
					   "/etc/ssh/ssh_host_ecdsa_key",
					   "/etc/ssl/private",
					   "/etc/sudoers"};
	static const char *const written[] = {"/tmp",           "/var/tmp",        "/dev/shm", "/etc",  "/usr/bin",
					      "/usr/local/bin", "/var/spool/cron", "/var/lib", "/boot", "/opt",
					      "/root"};
	autostrv struct strv homes = {0};

	for (size_t i = 0; i < countof(read); i++)
		add(items, GROUP_FILES_READ, read[i], planned);
	for (size_t i = 0; i < countof(written); i++)
		add(items, GROUP_FILES_WRITTEN, written[i], planned);
	planned->host.list(&planned->host, "/home", &homes);
	for (size_t i = 0; i < homes.count; i++) {
		autofree char *path = xasprintf("/home/%s", homes.v[i]);

		add(items, GROUP_FILES_READ, path, planned);
	}
}

/* The programs, and single files of /etc, which every view of the system has; devices are a group of their own. */
static bool is_base(const struct planned *planned, const char *path)
{
	static const char *const base[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/dev"};

	for (size_t i = 0; i < countof(base); i++)
		if (path_below(path, base[i]))
			return true;
	return (path_below(path, "/etc") && path[strlen("/etc")]) || str_eq(path, planned->request.command[0]);
}

/* What the plan shows of the host is tried, whatever it is called. */
static void files_of_plan(struct items *items, const struct planned *planned)
{
	const struct plan *plan = &planned->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		const char *source = plan_text(plan, step->a);
		struct node node;

		if (step->kind != STEP_BIND)
			continue;
		planned->host.look(&planned->host, source, &node);
		/* what is not there yet is a folder that the launch makes */
		if (node.type != NODE_FILE && node.type != NODE_FOLDER && node.type != NODE_NONE)
			continue;
		if (!is_base(planned, source))
			add(items, GROUP_FILES_READ, source, planned);
		if (!(step->n & ATTR_RDONLY))
			add(items, GROUP_FILES_WRITTEN, source, planned);
	}
}

static void devices_below(struct items *items, const struct planned *planned, const char *folder, int depth)
{
	static const char *const harmless[] = {"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
					       "/dev/urandom", "/dev/tty",  "/dev/ptmx", "/dev/pts",
					       "/dev/shm",     "/dev/fd",   "/dev/log"};
	autostrv struct strv names = {0};

	planned->host.list(&planned->host, folder, &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("%s/%s", folder, names.v[i]);
		bool skipped = false;
		struct node node;

		for (size_t j = 0; j < countof(harmless); j++)
			skipped |= str_eq(path, harmless[j]);
		planned->host.look(&planned->host, path, &node);
		if (skipped) {
			continue;
		} else if (node.type == NODE_FOLDER && depth < DEPTH_MAX) {
			devices_below(items, planned, path, depth + 1);
		} else if (node.type == NODE_CHAR || node.type == NODE_BLOCK) {
			struct item *item = items_add(items, GROUP_DEVICES, "device", path);

			item->sentence = "can use";
			item->danger = danger_of_device(path);
			items_path_ways(item, planned);
		}
	}
}

static void setuid_below(struct items *items, const struct planned *planned, const char *folder, int depth)
{
	autostrv struct strv names = {0};

	planned->host.list(&planned->host, folder, &names);
	for (size_t i = 0; i < names.count; i++) {
		autofree char *path = xasprintf("%s/%s", folder, names.v[i]);
		struct node node;

		planned->host.look(&planned->host, path, &node);
		if (node.type == NODE_FOLDER && depth > 0)
			setuid_below(items, planned, path, depth - 1);
		if (node.type == NODE_FILE && (node.mode & (S_ISUID | S_ISGID)) && (node.mode & 0111)) {
			struct item *item = items_add(items, GROUP_RIGHTS, "setuid", path);

			item->sentence = "gets the rights of";
			item->danger = "rights that its caller has not";
			items_path_ways(item, planned);
		}
	}
}

void items_of_paths(struct items *items, const struct planned *planned)
{
	files_of_home(items, planned);
	files_of_system(items, planned);
	files_of_plan(items, planned);
	devices_below(items, planned, "/dev", 0);
	setuid_below(items, planned, "/usr/bin", 0);
	setuid_below(items, planned, "/usr/sbin", 0);
	setuid_below(items, planned, "/usr/local/bin", 0);
	setuid_below(items, planned, "/usr/libexec", 1);
	setuid_below(items, planned, "/usr/lib/openssh", 0);
	setuid_below(items, planned, "/usr/lib/dbus-1.0", 0);
	setuid_below(items, planned, "/usr/lib/polkit-1", 0);
	setuid_below(items, planned, "/usr/lib/xorg", 0);
}
