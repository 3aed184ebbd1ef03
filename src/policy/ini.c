/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ini: the reader that stands between a profile and inih.
 *
 * Builds of inih differ, and Debian's splits a line over 199 bytes and parses its tail as a line of its own, ends a
 * value at " ;" and at NUL, joins a line that starts with a blank to the one before, takes ':' for '=', and tells no
 * line numbers. So every line is checked here first, and inih sees a short one: "[section]", or "key=LINE" with the
 * number of the line for the value; the handler puts the value of that line in its place. */
#include "policy/ini.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "base/mem.h"
#include "base/units.h"
#include "policy/profile.h"
#include "policy/suggest.h"

enum { MAX_WORD = 48 }; /* of a section or key; inih keeps 49 bytes of a section */

static const char word_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

struct reader {
	const char *next, *end; /* of the text that is still to be read */
	const char *file;
	ini_pair *handler;
	void *arg;
	struct errlist *errors;
	unsigned line;
	bool broken;  /* the file has a defect: the rest is checked, but not handled */
	bool section; /* there was a known section */
	bool skip;    /* within an unknown section */
	char *value;  /* of the line that inih has; owned */
	char *key;    /* the same; owned */
};

/* Always false: the line goes no further. */
__attribute__((format(printf, 3, 4))) static bool defect(struct reader *r, const char *hint, const char *fmt, ...)
{
	autofree char *text = NULL;
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	(void)err_set(&e, EINVAL, "%s:%u: %s", r->file, r->line, text);
	if (hint)
		(void)err_hint(&e, "%s", hint);
	errlist_add(r->errors, &e);
	r->broken = true;
	return false;
}

static bool check_bytes(struct reader *r, const char *line, size_t len)
{
	if (r->line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		return defect(r, NULL, "the file starts with a byte order mark");
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)line[i];

		if (byte == '\r')
			return defect(r, "end lines with a line feed only", "the line has a carriage return in it");
		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return defect(r, NULL, "the line has a control byte (0x%02x) in it", byte);
	}
	return true;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* True for a comment that has text before it on its line: a blank, then ';' or '#'. `before` is the byte before. */
static bool has_comment(const char *text, size_t len, char before)
{
	for (size_t i = 0; i < len; before = text[i++])
		if ((text[i] == ';' || text[i] == '#') && is_blank(before))
			return true;
	return false;
}

static const char *nearest_section(const char *name)
{
	const char *names[SETTING_COUNT];

	for (unsigned i = 0; i < SETTING_COUNT; i++)
		names[i] = settings[i].section;
	return suggest(name, names, SETTING_COUNT);
}

static bool check_section(struct reader *r, const char *line, size_t len)
{
	autofree char *name = NULL;
	const char *nearest;
	struct err e;

	if (line[len - 1] != ']')
		return defect(r, NULL, "a section is written [NAME], alone on its line");
	name = xstrndup(line + 1, len - 2);
	if (len < 3 || len - 2 > MAX_WORD || name[strspn(name, word_bytes)])
		return defect(r, NULL, "what is in [] is not the name of a section");
	r->section = true;
	r->skip = !setting_section_exists(name);
	if (!r->skip)
		return true;
	nearest = nearest_section(name);
	(void)err_set(&e, EINVAL, "%s:%u: unknown section [%s]", r->file, r->line, name);
	if (nearest)
		(void)err_hint(&e, "did you mean [%s]?", nearest);
	errlist_add(r->errors, &e);
	return false;
}

static size_t trim_end(const char *text, size_t len)
{
	while (len && is_blank(text[len - 1]))
		len--;
	return len;
}

static bool check_pair(struct reader *r, const char *line, size_t len)
{
	const char *sign = memchr(line, '=', len);
	size_t key_len = trim_end(line, sign ? (size_t)(sign - line) : 0);
	const char *value = sign ? sign + 1 : line + len, *end = line + len;
	autofree char *key = xstrndup(line, key_len);

	if (!sign)
		return defect(r, memchr(line, ':', len) ? "a key and its value are joined by '='" : NULL,
			      "the line is neither a section, nor a key with '=' after it, nor a comment");
	if (!key_len || key_len > MAX_WORD || key[strspn(key, word_bytes)])
		return defect(r, strchr(key, ':') ? "a key and its value are joined by '='" : NULL,
			      "what is before '=' is not the name of a key");
	if (!r->section)
		return defect(r, NULL, "'%s' stands before any [section]", key);
	if (has_comment(value, (size_t)(end - value), ' '))
		return defect(r, "a comment stands on a line of its own", "the value of '%s' has a ' ;' or ' #' in it",
			      key);
	while (value < end && is_blank(*value))
		value++;
	free(r->value);
	free(r->key);
	r->value = xstrndup(value, trim_end(value, (size_t)(end - value)));
	r->key = take(key);
	return !r->skip;
}

/* True if the line is one for inih; `len` is without the line feed. */
static bool check_line(struct reader *r, const char *line, size_t len)
{
	if (len > PROFILE_MAX_LINE)
		return defect(r, NULL, "the line is too long, at most %d bytes", PROFILE_MAX_LINE);
	if (!check_bytes(r, line, len))
		return false;
	if (len && is_blank(*line) && trim_end(line, len))
		return defect(r, "a line is not continued by the next one", "the line starts with a blank");
	len = trim_end(line, len);
	if (!len || *line == ';' || *line == '#')
		return false;
	return *line == '[' ? check_section(r, line, len) : check_pair(r, line, len);
}

/* inih's fgets. */
static char *next_line(char *buf, int size, void *stream)
{
	struct reader *r = stream;

	while (r->next < r->end) {
		const char *line = r->next, *feed = memchr(line, '\n', (size_t)(r->end - line));
		size_t len = (size_t)((feed ? feed : r->end) - line);
		int printed;

		r->next = feed ? feed + 1 : r->end;
		r->line++;
		if (!feed)
			(void)defect(r, NULL, "the last line does not end with a line feed");
		if (!check_line(r, line, len) || r->broken)
			continue;
		if (*line == '[')
			printed = snprintf(buf, (size_t)size, "%.*s\n", (int)trim_end(line, len), line);
		else
			printed = snprintf(buf, (size_t)size, "%s=%u\n", r->key, r->line);
		if (printed > 0 && printed < size)
			return buf;
		(void)defect(r, NULL, "the line does not fit into inih's buffer");
	}
	return NULL;
}

static int handle(void *arg, const char *section, const char *key, const char *value)
{
	struct reader *r = arg;
	uint64_t line;
	struct err e;

	if (!value || units_number(value, UINT32_MAX, &line, &e) < 0 || line != r->line || !str_eq(key, r->key))
		return defect(r, NULL, "inih read something else");
	r->handler(r->arg, section, key, r->value, r->line);
	return 1;
}

void ini_read(const char *text, size_t size, const char *file, ini_pair *handler, void *arg, struct errlist *errors)
{
	struct reader r = {
		.next = text, .end = text + size, .file = file, .handler = handler, .arg = arg, .errors = errors};

	if (ini_parse_stream(next_line, &r, handle, &r) != 0 && !r.broken)
		(void)defect(&r, NULL, "inih did not understand the line");
	free(r.value);
	free(r.key);
}
