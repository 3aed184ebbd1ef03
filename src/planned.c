/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "planned.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "box/store.h"
#include "compile/compile.h"
#include "policy/check.h"
#include "policy/ini.h"
#include "policy/opener.h"
#include "policy/profile-file.h"
#include "use-image.h"
#include "variables.h"

struct laying_box {
	struct planned *p;
	const char *file;
	struct errlist *errors;
};

/* What a profile or the command line says of the box counts before what the box says of itself. */
static void lay_pair(void *arg, const char *section, const char *key, const char *value, unsigned line)
{
	struct laying_box *l = arg;
	enum setting_id id = setting_find(section, key);
	const struct value *there = id < SETTING_COUNT ? policy_value(&l->p->policy, id) : NULL;
	struct err e = {0};

	if (id == SETTING_COUNT || id == SET_box_name || !str_eq(section, "box")) {
		(void)err_set(&e, EINVAL, "%s:%u: %s.%s is no key of a box", l->file, line, section, key);
		errlist_add(l->errors, &e);
		return;
	}
	if (there && there->layer && str_eq(there->origin.file, l->file) == 0)
		return;
	if (policy_set(&l->p->policy, id, value, (struct origin){l->file, line}, &l->p->variables, &e) < 0)
		errlist_add(l->errors, &e);
}

static void lay_box(struct planned *p, struct errlist *errors)
{
	const char *name = policy_text(&p->policy, SET_box_name);
	autofree char *file = name && p->host.boxes ? xasprintf("%s/%s/box.ini", p->host.boxes, name) : NULL;
	struct laying_box l = {.p = p, .file = file, .errors = errors};
	autostr struct str text = {0};
	struct err e = {0};

	if (!file || !store_is_name(name) || access(file, F_OK) < 0)
		return;
	if (profile_read(file, &text, &e) < 0)
		errlist_add(errors, &e);
	else
		ini_read(text.s, text.len, file, lay_pair, &l, errors);
}

void planned_protect(struct policy *policy, const struct host *host)
{
	const char *const folders[] = {
		host->profile_folder[0],
		host->profile_folder[1],
		host->profile_folder[2],
		host->boxes, /* a box is written by its owner and sbx only */
		host->sessions,
		host->live, /* what is written there decides how sbxctl exec confines */
		host->runs,
	};

	for (size_t i = 0; i < countof(folders); i++)
		if (folders[i])
			strv_add(&policy->folders, folders[i]);
}

static int lay_profiles(struct planned *p, struct errlist *errors, struct err *e)
{
	struct profile_folders folders = {
		.folder = {p->host.profile_folder[0], p->host.profile_folder[1], p->host.profile_folder[2]}};
	int r = policy_defaults(&p->policy, &p->variables, e);

	planned_protect(&p->policy, &p->host);
	if (r == 0 && p->request.profiles.count == 0 && *p->request.command) {
		autofree char *name = NULL;

		r = profile_for_command(p->request.command[0], &folders, &name, e);
		if (r == 0)
			(void)profile_lay(&p->policy, name, &folders, &p->variables, errors);
	}
	for (size_t i = 0; r == 0 && i < p->request.profiles.count; i++)
		(void)profile_lay(&p->policy, p->request.profiles.v[i], &folders, &p->variables, errors);
	if (r == 0)
		(void)argv_lay(&p->request, &p->policy, &p->variables, errors);
	if (r == 0 && p->output_size && !policy_value(&p->policy, SET_limits_output_size))
		r = policy_set(&p->policy, SET_limits_output_size, p->output_size, (struct origin){"default", 0},
			       &p->variables, e);
	if (r == 0)
		lay_box(p, errors);
	if (r == 0 && !errors->count)
		policy_check(&p->policy, errors);
	if (r == 0 && !errors->count)
		policy_find_openers(&p->policy, &folders, &p->variables, errors);
	return r;
}

static int read_policy(struct planned *p, struct errlist *errors, struct err *e)
{
	int r = lay_profiles(p, errors, e);

	if (r == 0 && errors->count) {
		*e = errors->v[--errors->count];
		r = -e->code;
	}
	return r;
}

/* The image says what is run where the caller does not. */
static int find_image(struct planned *p, struct err *e)
{
	const struct value *value = policy_value(&p->policy, SET_filesystem_image);
	char buf[256];

	if (value && value->text[0] && !str_eq(value->text, "none")) {
		bool file = strchr("/.", value->text[0]); /* no name begins so */

		if ((file ? use_seal : use_image)(&p->host, value->text, e) < 0)
			return err_prefix(e, "%s: filesystem.image", origin_text(value->origin, buf, sizeof buf));
	}
	if (*p->request.command)
		return 0;
	if (p->host.image && p->host.image->command.count) {
		p->request.command = p->host.image->command.v;
		return 0;
	}
	(void)err_set(e, EINVAL, "no command was given%s", p->host.image ? ", and the image names none" : "");
	return err_hint(e, "sbx [OPTION]... [--] COMMAND [ARG]...; sbx --help lists the options");
}

int planned_make(struct planned *p, char **environment, struct errlist *errors, struct err *e)
{
	int r = 0;

	if (p->host.environ)
		host_read_here(&p->host);
	else
		r = host_read(&p->host, environment, e);
	if (r < 0)
		return r;
	p->host.gated = p->gated;
	host_remember(&p->host);
	variables_of(&p->host, &p->variables, p->uid);
	r = read_policy(p, errors, e);
	if (r == 0)
		r = find_image(p, e);
	if (r == 0 && compile_needs_cgroups(&p->policy))
		r = host_read_cgroups(&p->host, e);
	if (r == 0 && (p->gated ? compile_has_services(&p->policy) : compile_can_be_bare(&p->policy)))
		p->host.namespaces_errno = host_try_namespaces(&p->host);
	if (r == 0 && compile_needs_counters(&p->policy))
		p->host.counters_errno = host_try_counters();
	if (r == 0 && compile_needs_isolated(&p->policy) && !p->gated)
		host_read_isolated(&p->host);
	else if (r == 0 && compile_needs_many_ids(&p->policy) && !p->gated)
		host_read_many_ids(&p->host);
	if (r == 0 && compile_needs_display(&p->policy))
		r = host_read_display(&p->host, e);
	if (r == 0 && compile_isolates_x11(&p->policy))
		host_ask_x11(&p->host);
	if (r == 0 && compile_isolates_wayland(&p->policy))
		host_ask_wayland(&p->host);
	if (r == 0)
		r = compile_plan(&p->policy, &p->host, p->request.command, &p->plan, e);
	host_forget(&p->host);
	return r < 0 ? r : plan_verify(&p->plan, e);
}

void planned_done(struct planned *p)
{
	plan_done(&p->plan);
	policy_done(&p->policy);
	request_done(&p->request);
	strv_done(&p->texts);
	host_done(&p->host);
}
