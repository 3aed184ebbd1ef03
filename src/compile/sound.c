/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sound: the sound server is reached through a filter of ours; for why, see sound/filter.h. */
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/services.h"

/* One word of PULSE_SERVER: "/PATH", "unix:/PATH", each with "{MACHINE}" before it. NULL: a server elsewhere. */
static const char *local_path(const char *word)
{
	if (*word == '{')
		word = strchr(word, '}') ? strchr(word, '}') + 1 : "";
	if (str_starts(word, "unix:"))
		word += strlen("unix:");
	return *word == '/' && !path_goes_up(word) ? word : NULL;
}

char *compile_sound_server(const struct host *host)
{
	const char *at = host_env(host, "PULSE_SERVER");

	if (!at || !*at)
		return host->runtime ? xasprintf("%s/pulse/native", host->runtime) : NULL;
	while (*(at += strspn(at, " \t"))) {
		autofree char *word = xstrndup(at, strcspn(at, " \t"));

		if (local_path(word))
			return xstrdup(local_path(word));
		at += strlen(word);
	}
	return NULL;
}

static int filter(struct context *c, const char *server, struct err *e)
{
	autofree char *target = xasprintf("/run/user/%u/pulse/native", c->inner_uid), *socket = NULL, *write = NULL,
		      *show = service_rule("--ro", server, NULL),
		      *program = xasprintf("%s/sbx-sound", c->host->helper_folder);
	const char *folder = NULL, *command[5] = {program};
	char buf[WHY_SIZE];
	size_t count = 1;

	if (services_folder(c, SET_desktop_sound, &folder, e) < 0)
		return -e->code;
	socket = xasprintf("%s/sound", folder);
	write = service_rule("--rw", folder, NULL);
	if (policy_is(c->policy, SET_desktop_sound, "record"))
		command[count++] = "--record";
	command[count++] = server;
	command[count] = socket;
	service_add(c, why(c, SET_desktop_sound, buf), "sound", NULL, (const char *const[]){show, write, NULL},
		    command);
	service_show(c, why(c, SET_desktop_sound, buf), "sound", target);
	c->sound = true;
	return 0;
}

int compile_sound(struct context *c, struct err *e)
{
	autofree char *server = NULL;
	struct node node = {.type = NODE_NONE};
	char buf[WHY_SIZE];
	int r;

	if (policy_is(c->policy, SET_desktop_sound, "no"))
		return 0;
	server = compile_sound_server(c->host);
	if (server)
		c->host->look(c->host, server, &node);
	if (node.type == NODE_SOCKET && !c->bare)
		return filter(c, server, e);
	r = missing_layer(c, "sound", e, "%s: desktop.sound: %s%s", why(c, SET_desktop_sound, buf),
			  c->bare  ? "it needs namespaces"
			  : server ? "there is no sound server at "
				   : "PULSE_SERVER names no server of this machine",
			  c->bare || !server ? "" : server);
	if (r < 0)
		(void)err_hint(e, "start pipewire-pulse or pulseaudio, or: --best-effort=sound, or: "
				  "--set=desktop.sound=no");
	return r;
}
