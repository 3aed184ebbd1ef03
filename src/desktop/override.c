/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop/override.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MARK "X-Sbx-"
#define MARK_SELF MARK "SHA256"

static const char *main_group(enum exec_form form)
{
	return form == EXEC_SERVICE ? SERVICE_GROUP : ENTRY_GROUP;
}

/* Has its Exec a meaning for somebody? Unity's shortcuts are as actions. */
static bool starts_programs(struct span group, enum exec_form form)
{
	static const char shortcut[] = " Shortcut Group";
	size_t len = strlen(shortcut);

	if (span_is(group, main_group(form)))
		return true;
	return form == EXEC_ENTRY && (span_starts(group, "Desktop Action ") ||
				      (group.len > len && memcmp(group.s + group.len - len, shortcut, len) == 0));
}

static void sha256_of(const struct str *text, char ret[SHA256_TEXT])
{
	struct sha256 *sha = sha256_begin();

	sha256_add(sha, text->s ? text->s : "", text->len);
	sha256_end(sha, ret);
}

/* sbx --profile=NAME -- */
static int add_prefix(const struct override *how, struct str *ret, struct err *e)
{
	autofree char *profile = xasprintf("--profile=%s", how->profile);
	int r = exec_add_word(how->sbx, how->form, ret, e);

	str_add(ret, " ");
	if (r == 0)
		r = exec_add_word(profile, how->form, ret, e);
	str_add(ret, " -- ");
	return r;
}

/* In a script a mark is a comment. */
static int add_marks(const struct override *how, const struct str *text, const char *end, struct str *ret,
		     struct err *e)
{
	const char *comment = how->form == EXEC_SHELL ? "# " : "";
	char sha256[SHA256_TEXT];
	int r;

	str_addf(ret, "%s" MARK "Generated=1%s%s" MARK "Profile=", comment, end, comment);
	r = keyfile_escape(how->profile, ret, e);
	str_addf(ret, "%s%s" MARK "Source=", end, comment);
	if (r == 0)
		r = keyfile_escape(how->source, ret, e);
	str_add(ret, end);
	if (how->form != EXEC_SHELL) {
		sha256_of(text, sha256);
		str_addf(ret, MARK "Source-SHA256=%s%s", sha256, end);
	}
	return r;
}

/* The mark of the file itself goes in at `at`. */
static void add_self(struct str *text, size_t at, const char *comment, const char *end)
{
	autostr struct str all = {0};
	char sha256[SHA256_TEXT];

	sha256_of(text, sha256);
	str_add_bytes(&all, text->s, at);
	str_addf(&all, "%s" MARK_SELF "=%s%s", comment, sha256, end);
	str_add_bytes(&all, text->s + at, text->len - at);
	str_done(text);
	*text = all;
	all = (struct str){0};
}

static int make_script(const struct override *how, struct str *ret, struct err *e)
{
	size_t at;
	int r;

	str_add(ret, "#!/bin/sh\n# Made by sbxctl desktop enable --path; sbxctl desktop disable removes it.\n");
	r = add_marks(how, ret, "\n", ret, e);
	at = ret->len;
	str_add(ret, "exec ");
	if (r == 0)
		r = add_prefix(how, ret, e);
	if (r == 0)
		r = exec_add_word(how->source, EXEC_SHELL, ret, e);
	str_add(ret, " \"$@\"\n");
	if (r == 0)
		add_self(ret, at, "# ", "\n");
	return r;
}

struct making {
	const struct override *how;
	const struct str *text;
	size_t execs, marked; /* where the marks end; 0: not yet made */
	const char *end;      /* of lines */
};

static int add_exec(struct making *making, const struct keyline *line, struct str *ret, struct err *e)
{
	autostrv struct strv words = {0};
	size_t before = (size_t)(line->value.s - line->all.s);
	int r = exec_words(line->value, &words, e);

	making->execs += span_is(line->group, main_group(making->how->form));
	str_add_bytes(ret, line->all.s, before);
	if (r == 0)
		r = add_prefix(making->how, ret, e);
	str_add_bytes(ret, line->value.s, line->all.len - before);
	return r;
}

static int add_line(struct making *making, const struct keyline *line, struct str *ret, struct err *e)
{
	bool entry = making->how->form == EXEC_ENTRY, main = span_is(line->group, main_group(making->how->form));

	if (main && span_starts(line->key, MARK))
		return err_set(e, EINVAL, "it has a key of sbx's own, '%.*s'", (int)line->key.len, line->key.s);
	if (starts_programs(line->group, making->how->form) && key_is(line, "Exec"))
		return add_exec(making, line, ret, e);
	if (main && !entry && span_is(line->key, "SystemdService"))
		return 0; /* systemd would start the unit in place of Exec */
	if (main && entry && key_is(line, "DBusActivatable")) {
		str_add_bytes(ret, line->all.s, (size_t)(line->value.s - line->all.s));
		str_add(ret, "false");
		str_add_bytes(ret, line->value.s + line->value.len,
			      line->all.len - (size_t)(line->value.s + line->value.len - line->all.s));
		return 0;
	}
	str_add_bytes(ret, line->all.s, line->all.len);
	if (main && line->header && !making->marked) {
		int r;

		making->end = line->all.len > 1 && line->all.s[line->all.len - 2] == '\r' ? "\r\n" : "\n";
		r = add_marks(making->how, making->text, making->end, ret, e);
		making->marked = ret->len;
		return r;
	}
	return 0;
}

int override_make(const struct override *how, const struct str *text, struct str *ret, struct err *e)
{
	struct making making = {.how = how, .text = text};
	autostr struct str all = {0};
	struct keyfile file;
	struct keyline line;
	int r = 0;

	if (strchr(how->sbx, '=') && how->form == EXEC_ENTRY)
		return err_set(e, EINVAL, "the path of sbx has a '=', which no program of an entry may have");
	if (text->len && memchr(text->s, '\0', text->len))
		return err_set(e, EINVAL, "it has a NUL byte");
	if (how->form == EXEC_SHELL) {
		r = make_script(how, &all, e);
	} else {
		keyfile_begin(&file, text);
		while (r == 0 && keyfile_next(&file, &line))
			r = add_line(&making, &line, &all, e);
		if (r == 0 && !making.marked)
			r = err_set(e, EINVAL, "it has no group [%s]", main_group(how->form));
		if (r == 0 && !making.execs)
			r = err_set(e, EINVAL, "it has no Exec");
		if (r == 0)
			add_self(&all, making.marked, "", making.end);
	}
	if (r < 0)
		return r;
	*ret = all;
	all = (struct str){0};
	return 0;
}

static void take_mark(const struct keyline *line, struct marks *ret, char self[SHA256_TEXT])
{
	static const struct {
		const char *key;
		enum { GENERATED, PROFILE, SOURCE, SOURCE_SHA, SELF } mark;
	} keys[] = {{"Generated", GENERATED},
		    {"Profile", PROFILE},
		    {"Source", SOURCE},
		    {"Source-SHA256", SOURCE_SHA},
		    {"SHA256", SELF}};
	struct span name = {line->key.s + strlen(MARK), line->key.len - strlen(MARK)};
	autofree char *value = keyfile_unescape(line->value);

	for (size_t i = 0; i < countof(keys); i++) {
		if (!span_is(name, keys[i].key))
			continue;
		if (keys[i].mark == GENERATED)
			ret->generated = str_eq(value, "1");
		else if (keys[i].mark == PROFILE && !ret->profile)
			ret->profile = take(value);
		else if (keys[i].mark == SOURCE && !ret->source)
			ret->source = take(value);
		else if (keys[i].mark >= SOURCE_SHA && strlen(value) == SHA256_TEXT - 1)
			memcpy(keys[i].mark == SELF ? self : ret->sha256, value, SHA256_TEXT);
		return;
	}
}

void marks_read(const struct str *text, enum exec_form form, struct marks *ret)
{
	char self[SHA256_TEXT] = "", now[SHA256_TEXT];
	struct sha256 *sha = sha256_begin();
	struct keyfile file;
	struct keyline line;

	*ret = (struct marks){0};
	keyfile_begin(&file, text);
	while (keyfile_next(&file, &line)) {
		bool marked = span_starts(line.key, MARK) && span_is(line.group, main_group(form));

		if (form == EXEC_SHELL && span_starts(line.all, "# " MARK)) {
			struct str mark = {(char *)line.all.s + 2, line.all.len - 2, 0};
			struct keyfile one;

			keyfile_begin(&one, &mark);
			marked = keyfile_next(&one, &line);
			line.all = (struct span){line.all.s - 2, line.all.len + 2};
		}
		if (marked)
			take_mark(&line, ret, self);
		if (!marked || !span_is(line.key, MARK_SELF))
			sha256_add(sha, line.all.s, line.all.len);
	}
	sha256_end(sha, now);
	ret->edited = !str_eq(self, now) || !ret->profile || !ret->source;
	if (!ret->generated)
		marks_done(ret);
}

void marks_done(struct marks *marks)
{
	free(marks->profile);
	free(marks->source);
	*marks = (struct marks){0};
}
