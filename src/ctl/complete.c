/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* complete: completions for bash, zsh and fish, from the settings table. */
#include <string.h>

#include "ctl/ctl.h"

#define NOT_TO_EDIT "# Made from the settings table of sbx by `sbxctl profile keys --format=%s`.\n"

static bool takes_path(const struct setting *s)
{
	return s->type == TYPE_PATH || s->type == TYPE_RULE || str_eq(s->key, "file");
}

void complete_bash(struct str *out)
{
	str_addf(out, NOT_TO_EDIT, "bash");
	str_add(out, "_sbx() {\n"
		     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} name=\n"
		     "\tif [[ $cur == '=' ]]; then name=$prev cur=; elif [[ $prev == '=' ]]; then "
		     "name=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
		     "\t[[ $prev == -p || $prev == --profile ]] && name=--profile\n"
		     "\t[[ $prev == -s || $prev == --set ]] && name=--set\n"
		     "\tcase $name in\n"
		     /* not compgen -W, which expands the names */
		     "\t--profile)\n\t\tmapfile -t COMPREPLY < <(sbxctl --complete profile show \"$cur\" 2>/dev/null)\n"
		     "\t\tCOMPREPLY=(\"${COMPREPLY[@]%%$'\\t'*}\")\n"
		     "\t\treturn ;;\n"
		     "\t--set)\n\t\tCOMPREPLY=($(compgen -S = -W \"");
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		str_addf(out, "%s%s.%s", i ? " " : "", settings[i].section, settings[i].key);
	str_add(out, "\" -- \"$cur\"))\n\t\tcompopt -o nospace\n\t\treturn ;;\n");
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		if (!settings[i].shorthand)
			continue;
		if (takes_path(&settings[i]))
			str_addf(out, "\t--%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
				 settings[i].shorthand);
		else if (settings[i].choices)
			str_addf(out, "\t--%s) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return ;;\n",
				 settings[i].shorthand, settings[i].choices);
	}
	str_add(out, "\tesac\n\tif [[ $cur == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W \"--profile= --set= --explain "
		     "--name= --quiet "
		     "--verbose --help --version");
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (settings[i].shorthand)
			str_addf(out, " --%s=", settings[i].shorthand);
	str_add(out, "\" -- \"$cur\"))\n\t\t[[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n\telse\n"
		     "\t\tCOMPREPLY=($(compgen -c -- \"$cur\"))\n\tfi\n}\ncomplete -F _sbx sbx\n");
}

/* For zsh's _arguments: ':' and brackets are its own. */
static void add_zsh(struct str *out, const char *s)
{
	for (; *s; s++) {
		if (strchr(":[]'\\", *s))
			str_add(out, *s == '\'' ? "'\\'" : "\\");
		str_add_bytes(out, s, 1);
	}
}

void complete_zsh(struct str *out)
{
	str_add(out, "#compdef sbx\n");
	str_addf(out, NOT_TO_EDIT, "zsh");
	str_add(out, "local -a keys profiles\nkeys=(");
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		str_addf(out, "%s%s.%s=", i ? " " : "", settings[i].section, settings[i].key);
	str_add(out,
		")\nprofiles=(${${(f)\"$(sbxctl profile list 2>/dev/null)\"}%% *})\n_arguments -S \\\n"
		"\t'*'{-p,--profile=}'[a profile]:profile:($profiles)' \\\n"
		"\t'*'{-s,--set=}'[any key]:key:($keys)' \\\n"
		"\t'--explain=-[print the plan and stop]::format:(json)' \\\n"
		"\t'--name=[name of the sandbox]:name:' '(-q --quiet)'{-q,--quiet}'[say less]' \\\n"
		"\t'(-v --verbose)'{-v,--verbose}'[say more]' '--help[show help]' '--version[show the version]' \\\n");
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings[i];

		if (!s->shorthand)
			continue;
		str_addf(out, "\t'*--%s=[", s->shorthand);
		add_zsh(out, s->help);
		if (takes_path(s))
			str_add(out, "]:path:_files' \\\n");
		else if (s->choices)
			str_addf(out, "]:value:(%s)' \\\n", s->choices);
		else
			str_add(out, "]:value:' \\\n");
	}
	str_add(out, "\t'*::command:_normal'\n");
}

static void add_fish(struct str *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			str_add(out, "\\");
		str_add_bytes(out, s, 1);
	}
}

void complete_fish(struct str *out)
{
	str_addf(out, NOT_TO_EDIT, "fish");
	str_add(out, "complete -c sbx -s p -l profile -x -a '(sbxctl profile list 2>/dev/null | string replace -r \" "
		     ".*\" \"\")' -d 'a profile'\n"
		     "complete -c sbx -s s -l set -x -a '");
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		str_addf(out, "%s%s.%s=", i ? " " : "", settings[i].section, settings[i].key);
	str_add(out,
		"' -d 'any key'\ncomplete -c sbx -l explain -d 'print the plan and stop'\n"
		"complete -c sbx -l name -x -d 'name of the sandbox'\ncomplete -c sbx -s q -l quiet -d 'say less'\n"
		"complete -c sbx -s v -l verbose -d 'say more'\ncomplete -c sbx -l help -d 'show help'\n"
		"complete -c sbx -l version -d 'show the version'\n");
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings[i];

		if (!s->shorthand)
			continue;
		str_addf(out, "complete -c sbx -l %s %s", s->shorthand, takes_path(s) ? "-r" : "-x");
		if (s->choices)
			str_addf(out, " -a '%s'", s->choices);
		str_add(out, " -d '");
		add_fish(out, s->help);
		str_add(out, "'\n");
	}
}
