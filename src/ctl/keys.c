/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keys: the settings table for people, programs and the manual. */
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/rows.h"

static const char *const type_names[] = {
	[TYPE_TEXT] = "text",
	[TYPE_ENUM] = "word",
	[TYPE_BOOL] = "yes|no",
	[TYPE_PATH] = "path",
	[TYPE_RULE] = "source[:target]",
	[TYPE_WORDS] = "names",
	[TYPE_SIZE] = "size",
	[TYPE_TIME] = "time",
	[TYPE_COUNT] = "number",
	[TYPE_OCTAL] = "octal",
	[TYPE_PERCENT] = "percent",
	[TYPE_CPUS] = "processors",
};

static void text(struct str *out)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings[i];

		str_addf(out, "%s.%s\n    %s\n    %s%s", s->section, s->key, s->help, type_names[s->type],
			 s->many ? ", a list" : "");
		if (s->choices)
			str_addf(out, ": %s", s->choices);
		if (s->dflt)
			str_addf(out, "; default %s", s->dflt);
		if (s->shorthand)
			str_addf(out, "; --%s", s->shorthand);
		if (s->later)
			str_addf(out, "; not in this version: %s", *s->later ? s->later : "any value but no");
		str_add(out, "\n");
	}
}

static void json(struct str *out)
{
	struct rows rows;

	rows_begin(&rows, "keys", true);
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings[i];
		struct json *key = json_new_object();

		json_add_string(key, "section", s->section);
		json_add_string(key, "key", s->key);
		json_add_string(key, "type", type_names[s->type]);
		json_add_bool(key, "list", s->many);
		json_add_string(key, "default", s->dflt);
		json_add_string(key, "choices", s->choices);
		json_add_string(key, "shorthand", s->shorthand);
		json_add_string(key, "later", s->later);
		json_add_string(key, "help", s->help);
		rows_add(&rows, key);
	}
	json_print(rows.top, out);
	json_done(rows.top);
}

/* In running text of man(7): a backslash and a leading dot are its own; a hyphen would be typeset as one. */
static void add_man(struct str *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		str_add(out, "\\&");
	for (; *s; s++) {
		if (*s == '-')
			str_add(out, "\\-");
		else if (*s == '\\')
			str_add(out, "\\e");
		else
			str_add_bytes(out, s, 1);
	}
}

static void man(struct str *out)
{
	const char *section = "";

	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings[i];

		if (!str_eq(section, s->section))
			str_addf(out, ".SS [%s]\n", s->section);
		section = s->section;
		str_add(out, ".TP\n.B ");
		add_man(out, s->key);
		str_addf(out, " = \\fI%s\\fR\n", type_names[s->type]);
		add_man(out, s->help);
		str_add(out, ".\n");
		if (s->choices) {
			str_add(out, "Words: ");
			add_man(out, s->choices);
			str_add(out, ".\n");
		}
		if (s->dflt) {
			str_add(out, "Default: ");
			add_man(out, s->dflt);
			str_add(out, ".\n");
		}
		if (s->shorthand) {
			str_add(out, "On the command line: \\-\\-");
			add_man(out, s->shorthand);
			str_add(out, ".\n");
		}
		if (s->later) {
			str_add(out, "Not in this version: ");
			add_man(out, *s->later ? s->later : "any value but no");
			str_add(out, ".\n");
		}
	}
}

bool keys_format(const char *format, struct str *out)
{
	static const struct {
		const char *name;
		void (*print)(struct str *out);
	} formats[] = {{"text", text},          {"json", json},        {"man", man},
		       {"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (!str_eq(formats[i].name, format))
			continue;
		formats[i].print(out);
		return true;
	}
	return false;
}
