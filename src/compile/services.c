/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compile/services.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "compile/view.h"

/* A service has the id of the command, which could not connect to another's socket. */
static bool is_nobodys(const struct context *c)
{
	return c->payload_uid != c->host->uid;
}

int services_folder(struct context *c, enum setting_id id, const char **ret, struct err *e)
{
	const char *owner = is_nobodys(c) ? "65534:65534" : NULL;
	char buf[WHY_SIZE];

	if (c->bare)
		return refuse(c, id, NULL, e, "without namespaces nothing can be shown in the place of the host's");
	if (c->isolated || (is_nobodys(c) && !c->host->maps_ids))
		return refuse(c, id, NULL, e, "process.user = isolated is another user, who can't have it");
	if (!c->host->services || !c->host->sbx)
		return refuse(c, id, NULL, e, "the caller has no folder for sockets, or sbx is not to be found");
	if (!plan_find(c->plan, STEP_SERVICES))
		plan_add(c->plan, STEP_SERVICES, why(c, id, buf), c->host->services, owner, 0, 0);
	*ret = c->host->services;
	return 0;
}

static void add_words(struct str *data, const char *const *words)
{
	for (; *words; words++)
		str_add_bytes(data, *words, strlen(*words) + 1);
}

char *service_rule(const char *option, const char *source, const char *target)
{
	const char *const paths[] = {source, target};
	struct str ret = {0};

	str_addf(&ret, "%s=", option);
	for (size_t i = 0; i < countof(paths) && paths[i]; i++) {
		if (i)
			str_add(&ret, ":");
		for (const char *p = paths[i]; *p; p++) {
			if (*p == ':')
				str_add(&ret, "\\");
			str_add_bytes(&ret, p, 1);
		}
	}
	return ret.s;
}

void service_add(struct context *c, const char *why, const char *name, const char *socket, const char *const *options,
		 const char *const *command)
{
	autofree char *profile = xasprintf("--profile=%s", name);
	const char *const first[] =
		{c->host->sbx, "-q", "--name=", profile, is_nobodys(c) ? "--user=nobody" : "--user=keep", NULL},
			  *const end[] = {"--", NULL};
	autostr struct str data = {0};

	add_words(&data, first);
	add_words(&data, options);
	add_words(&data, end);
	add_words(&data, command);
	plan_add(c->plan, STEP_SERVICE, why, name, socket, 0, 0);
	plan_data(c->plan, data.s, data.len);
}

void service_add_free(struct context *c, const char *why, const char *name, const char *const *words)
{
	autofree char *program = xasprintf("%s/%s", c->host->helper_folder, name);
	const char *const first[] = {program, NULL};
	autostr struct str data = {0};

	add_words(&data, first);
	add_words(&data, words);
	plan_add(c->plan, STEP_SERVICE, why, name, NULL, 0, 0);
	plan_data(c->plan, data.s, data.len);
}

void service_show(struct context *c, const char *why, const char *name, const char *target)
{
	autofree char *source = xasprintf("%s/%s", c->host->services, name);

	view_add(c, VIEW_READ_ONLY, target, source, 1, why)->type = NODE_SOCKET;
}
