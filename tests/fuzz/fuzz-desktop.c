/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-desktop: the first byte says whether the rest is an entry, a service, one word, or caches, divided by NUL, of
 * what opens which type. A second look, line by line, finds in an override each line of its source, with sbx before
 * each Exec and nowhere else; the marks are known again; and any word that can be written comes back as it is. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "desktop/associations.h"
#include "desktop/override.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 8192 };
#define SBX "/opt/s b\\x/sbx"
#define PROFILE "vi$w\"er"

static bool is_own(const struct keyline *line, const char *group)
{
	return span_is(line->group, group) && span_starts(line->key, "X-Sbx-");
}

/* sbx first, and then the words of the source. */
static void check_exec(const struct keyline *from, const struct keyline *to)
{
	autostrv struct strv was = {0}, now = {0};
	struct exec_program program = {0};
	struct err e = {0};

	FUZZ_CHECK(exec_words(from->value, &was, &e) == 0 && was.count > 0);
	FUZZ_CHECK(exec_words(to->value, &now, &e) == 0 && now.count == was.count + 3);
	FUZZ_CHECK(str_eq(now.v[0], SBX) && str_eq(now.v[1], "--profile=" PROFILE) && str_eq(now.v[2], "--"));
	for (size_t i = 0; i < was.count; i++)
		FUZZ_CHECK(str_eq(was.v[i], now.v[i + 3]));
	FUZZ_CHECK(from->value.len < to->value.len &&
		   memcmp(to->value.s + to->value.len - from->value.len, from->value.s, from->value.len) == 0);
	exec_program(&now, &program);
	FUZZ_CHECK(program.kind == EXEC_SANDBOX && str_eq(program.name, "sbx"));
	exec_program(&was, &program);
	FUZZ_CHECK(program.path && program.name);
}

static bool must_prefix(const struct keyline *line, bool service)
{
	static const char shortcut[] = " Shortcut Group";
	size_t len = strlen(shortcut);
	bool key = span_is(line->key, "Exec") || span_starts(line->key, "Exec[");

	if (service)
		return key && span_is(line->group, SERVICE_GROUP);
	return key && (span_is(line->group, ENTRY_GROUP) || span_starts(line->group, "Desktop Action ") ||
		       (line->group.len > len && memcmp(line->group.s + line->group.len - len, shortcut, len) == 0));
}

static void check_line(const struct keyline *from, const struct keyline *to, bool service)
{
	bool activated = !service && span_is(from->group, ENTRY_GROUP) &&
			 (span_is(from->key, "DBusActivatable") || span_starts(from->key, "DBusActivatable["));

	FUZZ_CHECK(from->header == to->header && from->key.len == to->key.len && from->group.len == to->group.len);
	if (must_prefix(from, service))
		check_exec(from, to);
	else if (activated)
		FUZZ_CHECK(span_is(to->value, "false"));
	else
		FUZZ_CHECK(from->all.len == to->all.len && memcmp(from->all.s, to->all.s, to->all.len) == 0);
}

static void check_lines(const struct str *from, const struct str *to, bool service)
{
	const char *group = service ? SERVICE_GROUP : ENTRY_GROUP;
	struct keyfile was, now;
	struct keyline a, b;
	int marks = 0;

	keyfile_begin(&was, from);
	keyfile_begin(&now, to);
	while (keyfile_next(&now, &b)) {
		if (is_own(&b, group)) {
			marks++;
			continue;
		}
		do
			FUZZ_CHECK(keyfile_next(&was, &a));
		while (service && span_is(a.group, group) && span_is(a.key, "SystemdService"));
		check_line(&a, &b, service);
	}
	while (keyfile_next(&was, &a))
		FUZZ_CHECK(service && span_is(a.key, "SystemdService"));
	FUZZ_CHECK(marks == (fuzz_wrong ? 4 : 5));
}

static void check_override(const struct str *text, bool service)
{
	const struct override how = {service ? EXEC_SERVICE : EXEC_ENTRY, SBX, PROFILE, "/so\\u rce"};
	autostr struct str made = {0}, again = {0};
	struct marks marks = {0};
	struct keyfile file;
	struct keyline line;
	struct err e = {0};

	keyfile_begin(&file, text);
	while (keyfile_next(&file, &line)) {
		autofree char *value = keyfile_unescape(line.value);

		FUZZ_CHECK(line.all.len > 0 && strlen(value) <= line.value.len);
		str_add_bytes(&again, line.all.s, line.all.len);
	}
	FUZZ_CHECK(again.len == text->len && (!text->len || memcmp(again.s, text->s, text->len) == 0));
	marks_read(text, how.form, &marks);
	marks_done(&marks);
	if (override_make(&how, text, &made, &e) < 0) {
		FUZZ_CHECK(e.code == EINVAL && e.text[0] && !made.s);
		return;
	}
	check_lines(text, &made, service);
	marks_read(&made, how.form, &marks);
	FUZZ_CHECK(marks.generated && !marks.edited && str_eq(marks.profile, PROFILE) &&
		   str_eq(marks.source, how.source));
	marks_done(&marks);
}

static void check_word(const char *word)
{
	for (int form = EXEC_ENTRY; form <= EXEC_SHELL; form++) {
		autostr struct str out = {0};
		autostrv struct strv words = {0};
		struct err e = {0};

		if (exec_add_word(word, (enum exec_form)form, &out, &e) < 0) {
			FUZZ_CHECK(e.code == EINVAL);
			continue;
		}
		if (form == EXEC_SHELL || (form == EXEC_ENTRY && strchr(word, '%')))
			continue; /* those readers undo more, or less */
		FUZZ_CHECK(exec_words((struct span){out.s, out.len}, &words, &e) == 0);
		FUZZ_CHECK(words.count == 1 && str_eq(words.v[0], word));
	}
}

/* What comes first for a type, of some caches together; an empty span: nothing. */
static struct span first_of(const struct str *caches, size_t count, const char *type)
{
	for (size_t i = 0; i < count; i++) {
		struct keyfile file;
		struct keyline line;

		keyfile_begin(&file, &caches[i]);
		while (keyfile_next(&file, &line)) {
			size_t skip = 0;

			if (!span_is(line.group, "MIME Cache") || !span_is(line.key, type))
				continue;
			while (skip < line.value.len && line.value.s[skip] == ';')
				skip++;
			if (skip < line.value.len)
				return (struct span){line.value.s + skip, strcspn(line.value.s + skip, ";\r\n")};
		}
	}
	return (struct span){"", 0};
}

/* The default of each type stays, and what is made of it again is the same. */
static void check_associations(const struct str *text)
{
	struct fuzz_bytes in = {(const uint8_t *)text->s, (const uint8_t *)text->s + text->len};
	struct str caches[3] = {0}, made = {0}, again = {0};
	autostrv struct strv ids = {0};
	struct fuzz_part part;
	struct keyfile file;
	struct keyline line;

	strv_add(&ids, "b.desktop");
	for (size_t i = 0; i < countof(caches) && fuzz_next_part(&in, &part); i++)
		for (size_t k = 0; k < part.size; k++)
			if (part.text[k] != '\r') /* which ends a line for one reader, and a text for the other */
				str_add_bytes(&caches[i], &part.text[k], 1);
	associations_make(caches, countof(caches), &ids, &made);
	keyfile_begin(&file, &made);
	while (keyfile_next(&file, &line)) {
		autofree char *type = line.key.len ? xstrndup(line.key.s, line.key.len) : NULL;
		struct span first = type ? first_of(caches, countof(caches), type) : line.value;

		FUZZ_CHECK(!type || first.len <= line.value.len);
		FUZZ_CHECK(!type || memcmp(first.s, line.value.s, first.len) == 0);
	}
	if (made.len) {
		struct str other[] = {made, caches[1], caches[2]};

		FUZZ_CHECK(associations_are_made(&made));
		associations_make(other, countof(other), &ids, &again);
		FUZZ_CHECK(again.len == made.len && memcmp(again.s, made.s, made.len) == 0);
	}
	str_done(&made);
	str_done(&again);
	for (size_t i = 0; i < countof(caches); i++)
		str_done(&caches[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autostr struct str text = {0};

	if (size < 1 || size > MAX_BYTES)
		return 0;
	str_add_bytes(&text, data + 1, size - 1);
	if (data[0] == 'w')
		check_word(text.s ? text.s : "");
	else if (data[0] == 'm' && text.len)
		check_associations(&text);
	else
		check_override(&text, data[0] == 's');
	return 0;
}
