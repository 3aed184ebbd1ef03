/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* argv: options of sbx's own from a small table, all others from the settings table. */
#include "policy/argv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/suggest.h"
#include "policy/value.h"

enum { MAX_NAME = 64, HELP_COLUMN = 27, HELP_WIDTH = 80 };

/* Where the words stand, and what was found so far. */
struct parser {
	char **next; /* NULL-terminated rest of argv */
	struct request *request;
};

/* An option of sbx's own. `value` is NULL for one without. */
struct option {
	const char *name;
	char letter; /* 0: none */
	const char *metavar, *help;
	bool optional; /* the value may be missing, and is only looked for after '=' */
	int (*parse)(struct parser *parser, const char *value, struct err *e);
};

static int parse_profile(struct parser *parser, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "--profile: the name is empty");
	strv_add(&parser->request->profiles, value);
	return 0;
}

static void add_setting(struct request *request, enum setting_id id, const char *text, const char *option)
{
	request->set = xgrow(request->set, request->set_count, &request->set_cap, sizeof *request->set);
	request->set[request->set_count].id = id;
	request->set[request->set_count].text = text;
	request->set[request->set_count++].option = option;
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

static int parse_set(struct parser *parser, const char *value, struct err *e)
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
	add_setting(parser->request, id, sign + 1, "--set");
	return 0;
}

static int parse_explain(struct parser *parser, const char *value, struct err *e)
{
	if (value && !str_eq(value, "json"))
		return err_set(e, EINVAL, "--explain: '%s' is no form of the plan, only 'json' is", value);
	parser->request->action = value ? ACTION_EXPLAIN_JSON : ACTION_EXPLAIN;
	return 0;
}

static int parse_name(struct parser *parser, const char *value, struct err *e)
{
	if (!*value || strlen(value) > MAX_NAME || *value == '.' || *value == '-')
		return err_set(e, EINVAL, "--name: '%s' is empty, longer than %d bytes, or starts with '.' or '-'",
			       value, MAX_NAME);
	for (const char *p = value; *p; p++)
		if (*p == '/' || (unsigned char)*p <= 0x20 || *p == 0x7f)
			return err_set(e, EINVAL, "--name: '%s' has a '/', a blank or a control byte in it", value);
	parser->request->name = value;
	return 0;
}

static int parse_quiet(struct parser *parser, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	parser->request->verbosity = -1;
	return 0;
}

static int parse_verbose(struct parser *parser, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	parser->request->verbosity = 1;
	return 0;
}

static int parse_help(struct parser *parser, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	parser->request->action = ACTION_HELP;
	return 0;
}

static int parse_version(struct parser *parser, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	parser->request->action = ACTION_VERSION;
	return 0;
}

static const struct option options[] = {
	{"profile", 'p', "NAME|PATH", "a profile; more are laid over it, in order", false, parse_profile},
	{"set", 's', "SECTION.KEY=VALUE", "any key of a profile, laid over the profiles", false, parse_set},
	{"explain", 0, "json", "print the plan and stop", true, parse_explain},
	{"name", 0, "NAME", "name of the sandbox; default: COMMAND-PID", false, parse_name},
	{"quiet", 'q', NULL, "say nothing of limits that end the command", false, parse_quiet},
	{"verbose", 'v', NULL, "say what the command used", false, parse_verbose},
	{"help", 0, NULL, "show this", false, parse_help},
	{"version", 0, NULL, "show the version", false, parse_version},
};

static int unknown_option(const char *word, const char *name, struct err *e)
{
	const char *names[countof(options) + SETTING_COUNT], *nearest;
	size_t count = 0;

	for (size_t i = 0; i < countof(options); i++)
		names[count++] = options[i].name;
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (settings[i].shorthand)
			names[count++] = settings[i].shorthand;
	nearest = suggest(name, names, count);
	(void)err_set(e, EINVAL, "unknown option '%s'", word);
	return nearest ? err_hint(e, "did you mean '--%s'?", nearest) : err_hint(e, "sbx --help lists the options");
}

/* The value of an option that needs one: after its sign, or else the next word. */
static int take_value(struct parser *parser, const char *word, const char *attached, const char **ret_value,
		      struct err *e)
{
	if (!attached && !*parser->next)
		return err_set(e, EINVAL, "option '%s' needs a value", word);
	*ret_value = attached ? attached : *parser->next++;
	return 0;
}

static int parse_option(struct parser *parser, const struct option *option, const char *word, const char *attached,
			struct err *e)
{
	const char *value = attached;
	int r = 0;

	if (!option->metavar && attached)
		return err_set(e, EINVAL, "option '--%s' takes no value", option->name);
	if (option->metavar && !option->optional)
		r = take_value(parser, word, attached, &value, e);
	return r < 0 ? r : option->parse(parser, value, e);
}

static int parse_long(struct parser *parser, const char *word, struct err *e)
{
	const char *sign = strchr(word, '='), *attached = sign ? sign + 1 : NULL, *value = NULL;
	autofree char *name = xstrndup(word + 2, sign ? (size_t)(sign - word - 2) : strlen(word + 2));
	enum setting_id id;
	int r;

	for (size_t i = 0; i < countof(options); i++)
		if (str_eq(options[i].name, name))
			return parse_option(parser, &options[i], word, attached, e);
	id = setting_shorthand(name);
	if (id == SETTING_COUNT)
		return unknown_option(word, name, e);
	r = take_value(parser, word, attached, &value, e);
	if (r == 0)
		add_setting(parser->request, id, value, word);
	return r;
}

/* -x or -xVALUE; letters are not joined. */
static int parse_short(struct parser *parser, const char *word, struct err *e)
{
	for (size_t i = 0; i < countof(options); i++) {
		const struct option *option = &options[i];

		if (!option->letter || option->letter != word[1])
			continue;
		if (!option->metavar && word[2])
			break;
		return parse_option(parser, option, word, word[2] ? word + 2 : NULL, e);
	}
	return unknown_option(word, word + 1, e);
}

static int parse_words(struct parser *parser, struct err *e)
{
	while (*parser->next) {
		const char *word = *parser->next;
		int r;

		if (word[0] != '-' || !word[1])
			return 0;
		parser->next++;
		if (str_eq(word, "--"))
			return 0;
		r = word[1] == '-' ? parse_long(parser, word, e) : parse_short(parser, word, e);
		if (r < 0)
			return r;
		if (parser->request->action == ACTION_HELP || parser->request->action == ACTION_VERSION)
			return 0;
	}
	return 0;
}

int argv_parse(int argc, char **argv, struct request *ret, struct err *e)
{
	struct request request = {0};
	struct parser parser = {.request = &request};
	int r;

	if (argc < 1 || !argv[0])
		return err_set(e, EINVAL, "sbx was started without a name (argc is 0)");
	parser.next = argv + 1;
	r = parse_words(&parser, e);
	request.command = parser.next;
	if (r == 0 && !*request.command && request.action != ACTION_HELP && request.action != ACTION_VERSION) {
		(void)err_set(e, EINVAL, "no command was given");
		r = err_hint(e, "sbx [OPTION]... [--] COMMAND [ARG]...; sbx --help lists the options");
	}
	if (r == 0 && *request.command && !**request.command)
		r = err_set(e, EINVAL, "the command is an empty word");
	if (r < 0) {
		request_done(&request);
		return r;
	}
	*ret = request;
	return 0;
}

int argv_lay(const struct request *request, struct policy *p, const struct variables *vars, struct errlist *errors)
{
	size_t before = errors->count;

	p->layer++;
	for (size_t i = 0; i < request->set_count; i++) {
		const char *option = request->set[i].option;
		autofree char *name = xstrndup(option, strcspn(option, "="));
		struct err e;

		if (policy_set(p, request->set[i].id, request->set[i].text, (struct origin){name, 0}, vars, &e) < 0)
			errlist_add(errors, &e);
	}
	return errors->count > before ? -errors->v[before].code : 0;
}

void request_done(struct request *request)
{
	strv_done(&request->profiles);
	free(request->set);
	*request = (struct request){0};
}

/* What the value of a setting looks like, as short as it can be said. */
static void add_metavar(struct str *out, const struct setting *setting)
{
	static const char *const texts[] = {
		[TYPE_TEXT] = "TEXT",
		[TYPE_ENUM] = NULL,
		[TYPE_BOOL] = "yes|no",
		[TYPE_PATH] = "PATH",
		[TYPE_RULE] = "SOURCE[:TARGET]",
		[TYPE_WORDS] = "NAME,...",
		[TYPE_SIZE] = "SIZE",
		[TYPE_TIME] = "TIME",
		[TYPE_COUNT] = "N",
		[TYPE_OCTAL] = "MODE",
		[TYPE_PERCENT] = "PERCENT",
		[TYPE_CPUS] = "LIST",
	};
	autostrv struct strv words = {0}, later = {0};
	const char *before = "";

	if (texts[setting->type]) {
		str_add(out, texts[setting->type]);
		return;
	}
	value_words(setting->choices, '\0', &words);
	value_words(setting->later ? setting->later : "", '\0', &later);
	for (size_t i = 0; i < words.count; i++) {
		if (strv_has(&later, words.v[i]))
			continue;
		str_addf(out, "%s%s", before, words.v[i]);
		before = "|";
	}
}

/* One option: `usage`, then the help, broken between words, in a column of its own. */
static void add_line(struct str *out, const char *usage, const char *help)
{
	const char *p = help;
	bool joined = strlen(usage) + 2 <= HELP_COLUMN;

	str_addf(out, "%-*s", HELP_COLUMN, usage);
	if (!joined)
		str_addf(out, "\n%*s", HELP_COLUMN, "");
	while (strlen(p) > HELP_WIDTH - HELP_COLUMN) {
		size_t len = HELP_WIDTH - HELP_COLUMN;

		while (len && p[len] != ' ')
			len--;
		if (!len)
			break;
		str_add_bytes(out, p, len);
		str_addf(out, "\n%*s", HELP_COLUMN, "");
		p += len + 1;
	}
	str_addf(out, "%s\n", p);
}

static void add_option(struct str *out, const struct option *option)
{
	autostr struct str usage = {0};

	if (option->letter)
		str_addf(&usage, "  -%c, --%s", option->letter, option->name);
	else
		str_addf(&usage, "  --%s", option->name);
	if (option->metavar)
		str_addf(&usage, option->optional ? "[=%s]" : "=%s", option->metavar);
	add_line(out, usage.s, option->help);
}

void argv_help(struct str *out)
{
	str_add(out, "Usage: sbx [OPTION]... [--] COMMAND [ARG]...\n"
		     "Runs COMMAND so that it sees, reaches and uses only what its profile says.\n\n");
	for (size_t i = 0; i < countof(options); i++)
		add_option(out, &options[i]);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		autostr struct str usage = {0};

		if (!settings[i].shorthand || (settings[i].later && !*settings[i].later))
			continue;
		str_addf(&usage, "  --%s=", settings[i].shorthand);
		add_metavar(&usage, &settings[i]);
		add_line(out, usage.s, settings[i].help);
	}
}
