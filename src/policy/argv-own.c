/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* argv-own: what sbx's own options do to a request. */
#include "policy/argv-own.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "policy/suggest.h"
#include "policy/value.h"

enum { MAX_NAME = 64, MAX_SLOTS = 4096, MAX_CPU = 65535 };

void request_set(struct request *request, enum setting_id id, const char *text, const char *option)
{
	request->set = xgrow(request->set, request->set_count, &request->set_cap, sizeof *request->set);
	request->set[request->set_count].id = id;
	request->set[request->set_count].text = text;
	request->set[request->set_count++].option = option;
}

static int parse_profile(struct request *request, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "--profile: the name is empty");
	strv_add(&request->profiles, value);
	return 0;
}

static int unknown_setting(const char *name, struct err *e)
{
	autostrv struct strv names = {0};
	const char *nearest;

	for (unsigned i = 0; i < SETTING_COUNT; i++)
		strv_take(&names, xasprintf("%s.%s", settings[i].section, settings[i].key));
	nearest = suggest(name, (const char *const *)names.v, names.count);
	(void)err_set(e, EINVAL, "--set: unknown key '%s'", name);
	return nearest ? err_hint(e, "did you mean '%s'?", nearest) : -EINVAL;
}

static int parse_set(struct request *request, const char *value, struct err *e)
{
	const char *sign = strchr(value, '=');
	autofree char *name = xstrndup(value, sign ? (size_t)(sign - value) : strlen(value));
	char *dot = strchr(name, '.');
	enum setting_id id = SETTING_COUNT;

	if (!sign || !dot)
		return err_set(e, EINVAL, "--set: '%s' is not SECTION.KEY=VALUE", value);
	*dot = '\0';
	id = setting_find(name, dot + 1);
	*dot = '.';
	if (id == SETTING_COUNT)
		return unknown_setting(name, e);
	if (id == SET_profile_include) {
		(void)err_set(e, EINVAL, "--set: profile.include counts in profiles only");
		return err_hint(e, "-p may be given more than once");
	}
	request_set(request, id, sign + 1, "--set");
	return 0;
}

static int parse_explain(struct request *request, const char *value, struct err *e)
{
	if (value && !str_eq(value, "json"))
		return err_set(e, EINVAL, "--explain: '%s' is no form of the plan, only 'json' is", value);
	request->action = value ? ACTION_EXPLAIN_JSON : ACTION_EXPLAIN;
	return 0;
}

static int parse_name(struct request *request, const char *value, struct err *e)
{
	request->unlisted = !*value;
	request->name = NULL;
	if (request->unlisted)
		return 0;
	if (strlen(value) > MAX_NAME || *value == '.' || *value == '-')
		return err_set(e, EINVAL, "--name: '%s' is longer than %d bytes, or starts with '.' or '-'", value,
			       MAX_NAME);
	for (const char *p = value; *p; p++)
		if (*p == '/' || (unsigned char)*p <= 0x20 || *p == 0x7f)
			return err_set(e, EINVAL, "--name: '%s' has a '/', a blank or a control byte in it", value);
	request->name = value;
	return 0;
}

static int parse_detach(struct request *request, const char *value, struct err *e)
{
	if (value && !str_eq(value, "forget"))
		return err_set(e, EINVAL, "--detach: '%s' is no way to do that, only 'forget' is", value);
	request->detach = true;
	request->forget = value;
	return 0;
}

static int parse_join(struct request *request, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "--join: the name is empty");
	request->join = value;
	return 0;
}

static int parse_quiet(struct request *request, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	request->verbosity = -1;
	return 0;
}

static int parse_verbose(struct request *request, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	request->verbosity = 1;
	return 0;
}

static int parse_help(struct request *request, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	request->action = ACTION_HELP;
	return 0;
}

static int parse_version(struct request *request, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	request->action = ACTION_VERSION;
	return 0;
}

static int parse_batch(struct request *request, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	request->action = ACTION_BATCH;
	return 0;
}

static int parse_slots(struct request *request, const char *value, struct err *e)
{
	uint64_t n;

	if (units_number(value, MAX_SLOTS, &n, e) < 0)
		return err_prefix(e, "--slots");
	request->slots = (size_t)n;
	request->of_batch = "--slots";
	return n ? 0 : err_set(e, EINVAL, "--slots: at least one is needed");
}

static int parse_slot_cpus(struct request *request, const char *value, struct err *e)
{
	autostrv struct strv words = {0};
	uint64_t n;

	value_words(value, ',', &words);
	for (size_t i = 0; i < words.count; i++) {
		if (units_number(words.v[i], MAX_CPU, &n, e) < 0)
			return err_prefix(e, "--slot-cpus");
		request->slot_cpus.v = xgrow(request->slot_cpus.v, request->slot_cpus.count, &request->slot_cpus.cap,
					     sizeof *request->slot_cpus.v);
		request->slot_cpus.v[request->slot_cpus.count++] = (int)n;
	}
	request->of_batch = "--slot-cpus";
	return words.count ? 0 : err_set(e, EINVAL, "--slot-cpus: the list is empty");
}

static int parse_grace(struct request *request, const char *value, struct err *e)
{
	uint64_t ns;

	if (units_time(value, &ns, e) < 0)
		return err_prefix(e, "--grace");
	request->grace_ns = (int64_t)ns;
	request->of_batch = "--grace";
	return 0;
}

const struct own_option own_options[] = {
	{"profile", 'p', "NAME|PATH", "a profile; more are laid over it, in order", false, parse_profile},
	{"set", 's', "SECTION.KEY=VALUE", "any key of a profile, laid over the profiles", false, parse_set},
	{"explain", 0, "json", "print the plan and stop", true, parse_explain},
	{"name", 0, "NAME", "name of the sandbox; default: COMMAND-PID", false, parse_name},
	{"detach", 0, "forget", "run it in the background", true, parse_detach},
	{"join", 0, "NAME", "run COMMAND in one that runs", false, parse_join},
	{"batch", 0, NULL, "run jobs, JSON lines of standard input", false, parse_batch},
	{"slots", 0, "N", "jobs at once; default: one a processor", false, parse_slots},
	{"slot-cpus", 0, "N,...", "a processor for each slot", false, parse_slot_cpus},
	{"grace", 0, "TIME", "for running jobs when a batch is stopped", false, parse_grace},
	{"quiet", 'q', NULL, "say nothing of limits that end the command", false, parse_quiet},
	{"verbose", 'v', NULL, "say what the command used", false, parse_verbose},
	{"help", 0, NULL, "show this", false, parse_help},
	{"version", 0, NULL, "show the version", false, parse_version},
};
const size_t own_option_count = countof(own_options);
