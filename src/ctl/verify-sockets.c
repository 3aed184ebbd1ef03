/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-sockets: the services of this machine that listen on Unix sockets: those that are known, and all that the
 * kernel lists. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/view.h"
#include "ctl/verify.h"

enum { LISTENING = 0x10000 }; /* __SO_ACCEPTCON, among the flags of /proc/net/unix */

#define BAIT "@sbx-verify-" /* of another sbxctl that runs now */

/* Abstract sockets belong to the network. */
static const char *why_abstract(const struct planned *planned, char *buf, size_t size)
{
	const struct value *mode = policy_value(&planned->policy, SET_network_mode);

	return policy_is(&planned->policy, SET_network_mode, "host") ? origin_text(mode->origin, buf, size) : NULL;
}

/* The step that shows a service of sbx's own there: a filter of what has the name outside. NULL: there is none. */
static const struct step *filter_at(const struct planned *planned, const char *path)
{
	const struct plan *plan = &planned->plan;
	const char *services = planned->host.services;

	for (size_t i = 0; services && i < plan->count; i++) {
		const struct step *step = &plan->step[i];

		if (step->kind == STEP_BIND && str_eq(plan_text(plan, step->b), path))
			return path_below(plan_text(plan, step->a), services) ? step : NULL;
	}
	return NULL;
}

static void add(struct items *items, const struct planned *planned, const char *path)
{
	const struct step *filter = filter_at(planned, path);
	struct item *item;
	char why[512];

	if (items_have(items, GROUP_SOCKETS, path))
		return;
	item = items_add(items, GROUP_SOCKETS, "connect", path);
	item->sentence = "can talk to";
	item->danger = filter ? NULL : danger_of_socket(path);
	if (path[0] == '@')
		items_way(item, path, why_abstract(planned, why, sizeof why), 1);
	else
		items_path_ways(item, planned);
	if (filter)
		items_way(item, path, plan_text(&planned->plan, filter->why), SIZE_MAX);
}

static void add_below(struct items *items, const struct planned *planned, const char *folder, const char *name)
{
	autofree char *path = folder ? xasprintf("%s/%s", folder, name) : NULL;
	struct node node;

	if (!path)
		return;
	planned->host.look(&planned->host, path, &node);
	if (node.type == NODE_SOCKET)
		add(items, planned, path);
}

static void all_of(struct items *items, const struct planned *planned, const char *folder)
{
	autostrv struct strv names = {0};

	planned->host.list(&planned->host, folder, &names);
	for (size_t i = 0; i < names.count; i++)
		add_below(items, planned, folder, names.v[i]);
}

/* unix:path=PATH or unix:abstract=NAME, among others. */
static void session_bus(struct items *items, const struct planned *planned)
{
	const char *address = host_env(&planned->host, "DBUS_SESSION_BUS_ADDRESS");
	const char *path = address ? strstr(address, "unix:path=") : NULL,
		   *abstract = address ? strstr(address, "unix:abstract=") : NULL;
	autofree char *name = NULL;

	if (path) {
		path += strlen("unix:path=");
		name = xstrndup(path, strcspn(path, ",;"));
	} else if (abstract) {
		abstract += strlen("unix:abstract=");
		name = xasprintf("@%.*s", (int)strcspn(abstract, ",;"), abstract);
	}
	if (!name || (name[0] != '/' && name[0] != '@'))
		return;
	add(items, planned, name);
	items->v[items->count - 1].danger = danger_of_socket("/bus");
}

static void ssh_agent(struct items *items, const struct planned *planned)
{
	const char *agent = host_env(&planned->host, "SSH_AUTH_SOCK");

	if (!agent || agent[0] != '/' || items_have(items, GROUP_SOCKETS, agent))
		return;
	add(items, planned, agent);
	items->v[items->count - 1].danger = danger_of_socket("/ssh-/agent.");
}

static void known(struct items *items, const struct planned *planned)
{
	static const char *const of_system[] = {
		"docker.sock",        "podman/podman.sock",     "containerd/containerd.sock",
		"crio/crio.sock",     "libvirt/libvirt-sock",   "lxd/unix.socket",
		"snapd.socket",       "dbus/system_bus_socket", "systemd/private",
		"systemd/notify",     "cups/cups.sock",         "nscd/socket",
		"avahi-daemon/socket"};
	static const char *const of_user[] = {
		"bus",         "systemd/private",    "gnupg/S.gpg-agent", "gnupg/S.gpg-agent.ssh",
		"keyring/ssh", "keyring/control",    "gcr/ssh",           "pulse/native",
		"pipewire-0",  "podman/podman.sock", "docker.sock",       "wayland-0",
		"wayland-1"};
	autofree char *gnupg = planned->host.home ? xasprintf("%s/.gnupg", planned->host.home) : NULL;

	session_bus(items, planned);
	ssh_agent(items, planned);
	for (size_t i = 0; i < countof(of_system); i++)
		add_below(items, planned, "/run", of_system[i]);
	for (size_t i = 0; i < countof(of_user); i++)
		add_below(items, planned, planned->host.runtime, of_user[i]);
	if (gnupg)
		all_of(items, planned, gnupg);
	all_of(items, planned, "/tmp/.X11-unix");
	all_of(items, planned, "/tmp/.ICE-unix");
}

/* Num RefCount Protocol Flags Type St Inode Path; a path is absolute, or starts with '@' for abstract ones. */
static void listed(struct items *items, const struct planned *planned)
{
	FILE *file = fopen("/proc/net/unix", "re");
	char line[512];

	while (file && fgets(line, sizeof line, file)) {
		unsigned flags;
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%*x: %*x %*x %x %*x %*x %*u %n", &flags, &at) != 1 || !at || !(flags & LISTENING))
			continue;
		if (line[at] == '/' || (line[at] == '@' && line[at + 1] && !str_starts(line + at, BAIT)))
			add(items, planned, line + at);
	}
	if (file)
		(void)fclose(file);
}

/* A socket that the profile names, of whatever service. */
static void shown(struct items *items, const struct planned *planned)
{
	const struct plan *plan = &planned->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const char *source = plan_text(plan, plan->step[i].a);
		struct node node;

		if (plan->step[i].kind != STEP_BIND)
			continue;
		planned->host.look(&planned->host, source, &node);
		if (node.type == NODE_SOCKET)
			add(items, planned, source);
	}
}

void items_of_sockets(struct items *items, const struct planned *planned)
{
	known(items, planned);
	shown(items, planned);
	listed(items, planned);
}
