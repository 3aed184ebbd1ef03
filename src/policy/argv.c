/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* argv: options of sbx's own from a small table, all others from the settings table. */
#include "policy/argv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/argv-own.h"
#include "policy/suggest.h"
#include "policy/value.h"

#define GRACE_NS INT64_C(10000000000)

enum { HELP_COLUMN = 27, HELP_WIDTH = 80 };

/* Where the words stand, and what was found so far. */
struct parser {
	char **next; /* NULL-terminated rest of argv */
	struct request *request;
};

static int unknown_option(const char *word, const char *name, struct err *e)
{
	autofree const char **names = xcalloc(own_option_count + SETTING_COUNT, sizeof *names);
	const char *nearest;
	size_t count = 0;

	for (size_t i = 0; i < own_option_count; i++)
		names[count++] = own_options[i].name;
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

static int parse_option(struct parser *parser, const struct own_option *option, const char *word, const char *attached,
			struct err *e)
{
	const char *value = attached;
	int r = 0;

	if (!option->metavar && attached)
		return err_set(e, EINVAL, "option '--%s' takes no value", option->name);
	if (option->metavar && !option->optional)
		r = take_value(parser, word, attached, &value, e);
	return r < 0 ? r : option->parse(parser->request, value, e);
}

static int parse_long(struct parser *parser, const char *word, struct err *e)
{
	const char *sign = strchr(word, '='), *attached = sign ? sign + 1 : NULL, *value = NULL;
	autofree char *name = xstrndup(word + 2, sign ? (size_t)(sign - word - 2) : strlen(word + 2));
	enum setting_id id;
	int r;

	for (size_t i = 0; i < own_option_count; i++)
		if (str_eq(own_options[i].name, name))
			return parse_option(parser, &own_options[i], word, attached, e);
	id = setting_shorthand(name);
	if (id == SETTING_COUNT)
		return unknown_option(word, name, e);
	r = take_value(parser, word, attached, &value, e);
	if (r == 0)
		request_set(parser->request, id, value, word);
	return r;
}

/* -x or -xVALUE; letters are not joined. */
static int parse_short(struct parser *parser, const char *word, struct err *e)
{
	for (size_t i = 0; i < own_option_count; i++) {
		const struct own_option *option = &own_options[i];

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

static bool needs_command(enum request_action action)
{
	return action == ACTION_RUN || action == ACTION_EXPLAIN || action == ACTION_EXPLAIN_JSON;
}

/* An image may say what is run, and a profile may name an image. */
static bool may_have_image(const struct request *request)
{
	for (size_t i = 0; i < request->set_count; i++)
		if (request->set[i].id == SET_filesystem_image)
			return true;
	return request->profiles.count > 0;
}

/* What would mean nothing is not taken. */
static int check_batch(const struct request *request, struct err *e)
{
	if (request->action == ACTION_HELP || request->action == ACTION_VERSION)
		return 0;
	if (request->action != ACTION_BATCH && request->of_batch)
		return err_set(e, EINVAL, "%s is of use with --batch only", request->of_batch);
	if (request->join && (request->set_count || request->profiles.count || request->name || request->detach ||
			      request->action != ACTION_RUN))
		return err_set(e, EINVAL, "--join: the sandbox is as it was made: no other option counts");
	if (request->detach && request->action == ACTION_BATCH)
		return err_set(e, EINVAL, "--detach: a batch answers its caller");
	if (request->action != ACTION_BATCH)
		return 0;
	if (*request->command)
		return err_set(e, EINVAL, "'%s': the commands of a batch come on standard input", *request->command);
	if (!request->name)
		return 0;
	(void)err_set(e, EINVAL, "--name: a batch is many sandboxes");
	return err_hint(e, "each job can have a name");
}

int argv_parse(int argc, char **argv, struct request *ret, struct err *e)
{
	struct request request = {.grace_ns = GRACE_NS};
	struct parser parser = {.request = &request};
	int r;

	if (argc < 1 || !argv[0])
		return err_set(e, EINVAL, "sbx was started without a name (argc is 0)");
	parser.next = argv + 1;
	r = parse_words(&parser, e);
	request.command = parser.next;
	if (r == 0)
		r = check_batch(&request, e);
	if (r == 0 && !*request.command && needs_command(request.action) && !may_have_image(&request)) {
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
	free(request->slot_cpus.v);
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

static void add_option(struct str *out, const struct own_option *option)
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
	for (size_t i = 0; i < own_option_count; i++)
		add_option(out, &own_options[i]);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		autostr struct str usage = {0};

		if (!settings[i].shorthand || (settings[i].later && !*settings[i].later))
			continue;
		str_addf(&usage, "  --%s=", settings[i].shorthand);
		add_metavar(&usage, &settings[i]);
		add_line(out, usage.s, settings[i].help);
	}
}
