/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile: sbxctl profile list, show, check, keys. */
#include <string.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "policy/check.h"
#include "policy/opener.h"

/* Lays one profile over the defaults. All errors are added. */
static void lay(struct ctl *ctl, const char *name, struct policy *policy, struct errlist *errors)
{
	struct err e = {0};

	if (policy_defaults(policy, &ctl->variables, &e) < 0)
		errlist_add(errors, &e);
	(void)profile_lay(policy, name, &ctl->folders, &ctl->variables, errors);
	if (!errors->count)
		policy_check(policy, errors);
	if (!errors->count)
		policy_find_openers(policy, &ctl->folders, &ctl->variables, errors);
}

static struct json *errors_json(const struct errlist *errors)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < errors->count; i++)
		json_append_string(list, errors->v[i].text);
	return list;
}

/* What is wrong with a profile is told, and is what its item has. */
static struct json *checked(const char *name, const struct errlist *errors)
{
	struct json *item = json_new_object();

	json_add_string(item, "name", name);
	json_add(item, "errors", errors_json(errors));
	return item;
}

static int list(struct ctl *ctl)
{
	autostrv struct strv names = {0};
	struct err e = {0};
	struct rows rows;
	int status;

	rows_begin(&rows, "profiles", ctl->json);
	status = profile_names(&ctl->folders, &names, &e) < 0 ? ctl_fail(&e, 1) : 0;
	for (size_t i = 0; i < names.count; i++) {
		struct policy policy = {0};
		struct errlist errors = {0};
		struct json *item;
		const char *text;

		lay(ctl, names.v[i], &policy, &errors);
		text = policy_text(&policy, SET_profile_description);
		str_addf(&rows.text, "%-16s ", names.v[i]);
		str_add_escaped(&rows.text,
				errors.count ? "(has errors: see sbxctl profile check)"
				: text       ? text
					     : "",
				true);
		str_add(&rows.text, "\n");
		item = checked(names.v[i], &errors);
		json_add_string(item, "description", text);
		rows_add(&rows, item);
		errlist_done(&errors);
		policy_done(&policy);
	}
	return rows_end(&rows, NULL, 0, status);
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

static struct json *value_json(const struct value *value, enum setting_id id)
{
	struct json *item = json_new_object();
	char origin[512];

	json_add_string(item, "section", settings[id].section);
	json_add_string(item, "key", settings[id].key);
	json_add_string(item, "value", value->text);
	json_add_string(item, "target", value->target);
	json_add_bool(item, "optional", value->optional);
	json_add_string(item, "origin", origin_text(value->origin, origin, sizeof origin));
	return item;
}

static int tell_errors(const struct errlist *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		(void)ctl_fail(&errors->v[i], 1);
	return errors->count ? 1 : 0;
}

static int show(struct ctl *ctl, const char *name)
{
	struct json *item, *values = json_new_array();
	struct policy policy = {0};
	struct errlist errors = {0};
	struct rows rows;
	int status;

	rows_begin(&rows, "profiles", ctl->json);
	lay(ctl, name, &policy, &errors);
	status = tell_errors(&errors);
	item = checked(name, &errors);
	for (unsigned id = 0; status == 0 && id < SETTING_COUNT; id++)
		for (size_t i = 0; i < policy.entry[id].count; i++) {
			show_value(&policy.entry[id].v[i], (enum setting_id)id, &rows.text);
			json_append(values, value_json(&policy.entry[id].v[i], (enum setting_id)id));
		}
	json_add(item, "values", values);
	rows_add(&rows, item);
	errlist_done(&errors);
	policy_done(&policy);
	return rows_end(&rows, NULL, 0, status);
}

static int check_one(struct ctl *ctl, const char *name, struct rows *rows)
{
	struct policy policy = {0};
	struct errlist errors = {0};
	int status;

	lay(ctl, name, &policy, &errors);
	status = tell_errors(&errors);
	str_add_escaped(&rows->text, name, true);
	str_add(&rows->text, status ? ": has errors\n" : ": ok\n");
	rows_add(rows, checked(name, &errors));
	errlist_done(&errors);
	policy_done(&policy);
	return status;
}

static int check(struct ctl *ctl, int argc, char **argv)
{
	autostrv struct strv names = {0};
	struct err e = {0};
	struct rows rows;
	int status = 0;

	for (int i = 0; i < argc; i++)
		strv_add(&names, argv[i]);
	rows_begin(&rows, "profiles", ctl->json);
	if (!argc && profile_names(&ctl->folders, &names, &e) < 0)
		status = ctl_fail(&e, 1);
	for (size_t i = 0; i < names.count; i++)
		status |= check_one(ctl, names.v[i], &rows);
	return rows_end(&rows, NULL, 0, status);
}

static int keys(const struct ctl *ctl, int argc, char **argv)
{
	autostr struct str out = {0};
	const char *format = ctl->json ? "json" : "text";

	if (argc == 1 && str_starts(argv[0], "--format=") && !ctl->json)
		format = argv[0] + strlen("--format=");
	else if (argc)
		return ctl_usage("profile keys takes --format=FORMAT or --json only");
	if (!keys_format(format, &out))
		return ctl_usage("the formats are text, json, man, bash, zsh and fish");
	return ctl_print(&out);
}

int ctl_profile(struct ctl *ctl, int argc, char **argv)
{
	const char *what;

	ctl->json = rows_asked(&argc, argv);
	what = argc ? argv[0] : "";

	if (str_eq(what, "list") && argc == 1)
		return list(ctl);
	if (str_eq(what, "show") && argc == 2)
		return show(ctl, argv[1]);
	if (str_eq(what, "check"))
		return check(ctl, argc - 1, argv + 1);
	if (str_eq(what, "keys"))
		return keys(ctl, argc - 1, argv + 1);
	return ctl_usage("profile: one of list, show NAME, check [NAME|PATH]..., keys [--format=FORMAT]");
}
