/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compile/open.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "compile/services.h"
#include "compile/view.h"

#define ENTRY "sbx-open.desktop"

/* What programs look for to open a link. */
static const char *const programs[] = {"xdg-open", "sensible-browser", "x-www-browser"};

char *compile_copies(const struct context *c)
{
	const char *services = c->host->services;

	return services ? xasprintf("%.*s.opened", (int)(strrchr(services, '/') - services), services) : NULL;
}

/* "--NAME=" and the words of a list. Owned by the caller. */
static char *list(const char *option, const struct strv *texts)
{
	struct str word = {0};

	str_add(&word, option);
	for (size_t i = 0; i < texts->count; i++)
		str_addf(&word, "%s%s", i ? " " : "", texts->v[i]);
	return word.s;
}

static void broker(struct context *c, const char *folder, const char *text)
{
	const char *command = strrchr(c->command[0], '/');
	autofree char *copies = compile_copies(c);
	autostrv struct strv words = {0};

	strv_take(&words, xasprintf("--socket=%s/open", folder));
	strv_take(&words, xasprintf("--copies=%s", copies));
	strv_take(&words, xasprintf("--sbx=%s", c->host->sbx));
	strv_take(&words, xasprintf("--asker=%s", command ? command + 1 : c->command[0]));
	if (policy_has(c->policy, SET_desktop_open, "ask"))
		strv_add(&words, "--ask");
	for (size_t i = 0; i < c->policy->openers; i++) {
		const struct opener *opener = &c->policy->opener[i];

		strv_take(&words, xasprintf("--to=%s", opener->profile));
		strv_take(&words, list("--opens=", &opener->opens));
		strv_take(&words, list("--commands=", &opener->commands));
	}
	service_add_free(c, text, "sbx-broker", (const char *const *)words.v);
	service_show(c, text, "open", OPEN_SOCKET);
}

static void show_program(struct context *c, const char *target, const char *text)
{
	autofree char *source = xasprintf("%s/sbx-open", c->host->helper_folder);

	view_add(c, VIEW_READ_ONLY, target, source, 1, text)->type = NODE_FILE;
}

/* By names of our own, which PATH has first; and in the place of those of the system, for who has a whole path. */
static void show_programs(struct context *c, const char *text)
{
	for (size_t i = 0; i < countof(programs); i++) {
		autofree char *own = xasprintf("%s/%s", OPEN_PROGRAMS, programs[i]),
			      *of_system = xasprintf("/usr/bin/%s", programs[i]);
		enum node_type type;

		show_program(c, own, text);
		if (!c->host->image && view_shows(c, of_system, &type) && type == NODE_FILE)
			show_program(c, of_system, text);
	}
}

static void show_file(struct context *c, const char *name, struct str *content, const char *text)
{
	autofree char *target = xasprintf("%s/applications/%s", OPEN_DATA, name);
	struct view_entry *entry = view_add(c, VIEW_FILE, target, NULL, 1, text);

	entry->data = content->s;
	entry->size = content->len;
	entry->mode = 0644;
	*content = (struct str){0};
}

/* What GLib starts for a link, without a look for xdg-open: an entry of a menu, and the list that makes it the one. */
static void show_entry(struct context *c, const char *text)
{
	struct str entry = {0}, defaults = {0};

	str_add(&entry, "[Desktop Entry]\nType=Application\nName=Open outside of the sandbox\nNoDisplay=true\n"
			"Exec=" OPEN_PROGRAMS "/xdg-open %u\nMimeType=");
	str_add(&defaults, "[Default Applications]\n");
	for (size_t i = 0; i < c->policy->openers; i++) {
		const struct strv *opens = &c->policy->opener[i].opens;

		for (size_t j = 0; j < opens->count; j++) {
			if (opens->v[j][0] == '.')
				continue;
			str_addf(&entry, "x-scheme-handler/%s;", opens->v[j]);
			str_addf(&defaults, "x-scheme-handler/%s=" ENTRY "\n", opens->v[j]);
		}
	}
	str_add(&entry, "\n");
	show_file(c, ENTRY, &entry, text);
	show_file(c, "mimeapps.list", &defaults, text);
}

int compile_open(struct context *c, struct err *e)
{
	const char *folder = NULL;
	const char *text;
	char buf[WHY_SIZE];
	int r;

	if (!policy_value(c->policy, SET_desktop_open) || policy_has(c->policy, SET_desktop_open, "no"))
		return 0;
	if (!c->policy->openers)
		return refuse(c, SET_desktop_open, NULL, e, "nobody has read the profiles that it names");
	if (c->host->gated) /* below the namespace of the gate no other sandbox can be made */
		return refuse(c, SET_desktop_open, NULL, e, "the setuid sbx can start no program outside");
	if (policy_is(c->policy, SET_filesystem_view, "host")) {
		(void)refuse(c, SET_desktop_open, NULL, e, "with the host's /run there is no place for the socket");
		return err_hint(e, "--set=filesystem.view=system");
	}
	r = services_folder(c, SET_desktop_open, &folder, e);
	if (r < 0)
		return r;
	text = why(c, SET_desktop_open, buf);
	broker(c, folder, text);
	show_programs(c, text);
	show_entry(c, text);
	return 0;
}
