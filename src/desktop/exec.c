/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop/exec.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

/* In double quotes a backslash is one but before these. */
static const char quotable[] = "\"`$\\\n";

/* One byte of a word, or a whole quoted part of it; `at` is left behind it. False: the quote has no end. */
static bool add_part(const char **at, struct str *word)
{
	const char *p = *at;
	char quote = *p;

	if (quote == '\\' && p[1]) {
		str_add_bytes(word, p + 1, p[1] != '\n');
		*at = p + 2;
		return true;
	}
	if (quote != '\'' && quote != '"') {
		str_add_bytes(word, p, 1);
		*at = p + 1;
		return true;
	}
	for (p++; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && p[1] && strchr(quotable, p[1]))
			p++;
		str_add_bytes(word, p, 1);
	}
	*at = p + (*p != '\0');
	return *p != '\0';
}

int exec_words(struct span value, struct strv *ret, struct err *e)
{
	static const char blank[] = " \t\n\r";
	autofree char *text = keyfile_unescape(value);
	const char *at = text + strspn(text, blank);

	if (!*at)
		return err_set(e, EINVAL, "Exec is empty");
	while (*at) {
		autostr struct str word = {0};

		str_add(&word, "");
		while (*at && !strchr(blank, *at))
			if (!add_part(&at, &word))
				return err_set(e, EINVAL, "a quote of Exec has no end");
		strv_take(ret, take(word.s));
		at += strspn(at, blank);
	}
	return 0;
}

static bool needs_quotes(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:@+,%";

	return !*word || word[strspn(word, plain)];
}

int exec_add_word(const char *word, enum exec_form form, struct str *ret, struct err *e)
{
	autostr struct str quoted = {0};
	bool quotes = needs_quotes(word);

	str_add(&quoted, quotes ? "\"" : "");
	for (; *word; word++) {
		if (*word == '\n')
			return err_set(e, EINVAL, "a line end can't be a part of a word of Exec");
		if (strchr(quotable, *word))
			str_add(&quoted, "\\");
		str_add_bytes(&quoted, word, 1);
		if (*word == '%' && form == EXEC_ENTRY)
			str_add(&quoted, "%");
	}
	str_add(&quoted, quotes ? "\"" : "");
	if (form != EXEC_SHELL)
		return keyfile_escape(quoted.s, ret, e);
	str_add(ret, quoted.s);
	return 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "python3.11" is "python". */
static bool is_interpreter(const char *name)
{
	static const char *const names[] = {"sh",   "bash",   "dash", "python", "pypy", "perl", "ruby",
					    "node", "nodejs", "java", "gjs",    "mono", "wine"};

	for (size_t i = 0; i < countof(names); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(name, names[i], len) == 0 && !name[len + strspn(name + len, "0123456789.-")])
			return true;
	}
	return false;
}

static enum exec_kind kind_of(const char *path, const char *name)
{
	static const char *const sandboxes[] = {"sbx", "firejail", "bwrap", "bubblejail"};

	if (str_eq(name, "flatpak"))
		return EXEC_FLATPAK;
	if (str_eq(name, "snap") || strstr(path, "/snap/bin/"))
		return EXEC_SNAP;
	for (size_t i = 0; i < countof(sandboxes); i++)
		if (str_eq(name, sandboxes[i]))
			return EXEC_SANDBOX;
	for (const char *p = strchr(path, '%'); p; p = strchr(p + 2, '%'))
		if (p[1] != '%')
			return EXEC_CODE;
	return EXEC_PROGRAM;
}

void exec_program(const struct strv *words, struct exec_program *ret)
{
	size_t i = 0;

	if (words->count > 1 && str_eq(last_part(words->v[0]), "env"))
		for (i = 1; i + 1 < words->count && words->v[i][0] != '-' && strchr(words->v[i], '='); i++)
			;
	if (i + 1 < words->count && is_interpreter(last_part(words->v[i]))) {
		const char *next = words->v[i + 1];

		if (next[0] != '-' && next[0] != '%')
			i++;
		else if (next[0] == '-') {
			*ret = (struct exec_program){EXEC_COMMANDS, words->v[i], last_part(words->v[i])};
			return;
		}
	}
	*ret = (struct exec_program){.path = words->v[i], .name = last_part(words->v[i])};
	ret->kind = kind_of(ret->path, ret->name);
}
