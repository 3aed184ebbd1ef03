/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile: sbxctl profile list, show, check, keys. */
#include <string.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "policy/check.h"

/* Lays one profile over the defaults. All errors are added. */
static void lay(struct ctl *ctl, const char *name, struct policy *policy, struct errlist *errors)
{
	struct err e = {0};

	if (policy_defaults(policy, &ctl->variables, &e) < 0)
		errlist_add(errors, &e);
	(void)profile_lay(policy, name, &ctl->folders, &ctl->variables, errors);
	if (!errors->count)
		policy_check(policy, errors);
}

static int list(struct ctl *ctl)
{
	autostrv struct strv names = {0};
	autostr struct str out = {0};
	struct err e = {0};

	if (profile_names(&ctl->folders, &names, &e) < 0)
		return ctl_fail(&e, 1);
	for (size_t i = 0; i < names.count; i++) {
		struct policy policy = {0};
		struct errlist errors = {0};
		const char *text;

		lay(ctl, names.v[i], &policy, &errors);
		text = policy_text(&policy, SET_profile_description);
		str_addf(&out, "%-16s ", names.v[i]);
		str_add_escaped(&out, errors.count ? "(has errors: see sbxctl profile check)" : text ? text : "", true);
		str_add(&out, "\n");
		errlist_done(&errors);
		policy_done(&policy);
	}
	return ctl_print(&out);
}

static void show_value(const struct value *value, enum setting_id id, struct str *out)
{
	char origin[512];

	str_addf(out, "%s.%s = ", settings[id].section, settings[id].key);
	if (value->optional)
		str_add(out, "-");
	str_add_escaped(out, value->text, true);
	if (value->target && !str_eq(value->target, value->text)) {
		str_add(out, ":");
		str_add_escaped(out, value->target, true);
	}
	str_add(out, "  # ");
	str_add_escaped(out, origin_text(value->origin, origin, sizeof origin), true);
	str_add(out, "\n");
}

static int show_errors(const struct errlist *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		(void)ctl_fail(&errors->v[i], 1);
	return errors->count ? 1 : 0;
}

static int show(struct ctl *ctl, const char *name)
{
	autostr struct str out = {0};
	struct policy policy = {0};
	struct errlist errors = {0};
	int status;

	lay(ctl, name, &policy, &errors);
	status = show_errors(&errors);
	for (unsigned id = 0; status == 0 && id < SETTING_COUNT; id++)
		for (size_t i = 0; i < policy.entry[id].count; i++)
			show_value(&policy.entry[id].v[i], (enum setting_id)id, &out);
	errlist_done(&errors);
	policy_done(&policy);
	return status ? status : ctl_print(&out);
}

static int check_one(struct ctl *ctl, const char *name)
{
	autostr struct str out = {0};
	struct policy policy = {0};
	struct errlist errors = {0};
	int status;

	lay(ctl, name, &policy, &errors);
	status = show_errors(&errors);
	str_add_escaped(&out, name, true);
	str_add(&out, status ? ": has errors\n" : ": ok\n");
	errlist_done(&errors);
	policy_done(&policy);
	return ctl_print(&out) ? 1 : status;
}

static int check(struct ctl *ctl, int argc, char **argv)
{
	autostrv struct strv names = {0};
	struct err e = {0};
	int status = 0;

	for (int i = 0; i < argc; i++)
		strv_add(&names, argv[i]);
	if (!argc && profile_names(&ctl->folders, &names, &e) < 0)
		return ctl_fail(&e, 1);
	for (size_t i = 0; i < names.count; i++)
		status |= check_one(ctl, names.v[i]);
	return status;
}

static int keys(int argc, char **argv)
{
	autostr struct str out = {0};
	const char *format = "text";

	if (argc == 1 && str_starts(argv[0], "--format="))
		format = argv[0] + strlen("--format=");
	else if (argc)
		return ctl_usage("profile keys takes --format=FORMAT only");
	if (!keys_format(format, &out))
		return ctl_usage("the formats are text, json, man, bash, zsh and fish");
	return ctl_print(&out);
}

int ctl_profile(struct ctl *ctl, int argc, char **argv)
{
	const char *what = argc ? argv[0] : "";

	if (str_eq(what, "list") && argc == 1)
		return list(ctl);
	if (str_eq(what, "show") && argc == 2)
		return show(ctl, argv[1]);
	if (str_eq(what, "check"))
		return check(ctl, argc - 1, argv + 1);
	if (str_eq(what, "keys"))
		return keys(argc - 1, argv + 1);
	return ctl_usage("profile: one of list, show NAME, check [NAME|PATH]..., keys [--format=FORMAT]");
}
