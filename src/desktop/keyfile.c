/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop/keyfile.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

bool span_is(struct span span, const char *text)
{
	return span.len == strlen(text) && (!span.len || memcmp(span.s, text, span.len) == 0);
}

bool span_starts(struct span span, const char *prefix)
{
	return span.len >= strlen(prefix) && (!*prefix || memcmp(span.s, prefix, strlen(prefix)) == 0);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span trim_start(struct span span)
{
	while (span.len && is_blank(span.s[0])) {
		span.s++;
		span.len--;
	}
	return span;
}

static struct span trim_end(struct span span)
{
	while (span.len && is_blank(span.s[span.len - 1]))
		span.len--;
	return span;
}

void keyfile_begin(struct keyfile *ret, const struct str *text)
{
	const char *start = text->s ? text->s : "";

	*ret = (struct keyfile){start, start + text->len, {start, 0}};
}

bool keyfile_next(struct keyfile *file, struct keyline *ret)
{
	size_t left = (size_t)(file->end - file->next);
	const char *feed = left ? memchr(file->next, '\n', left) : NULL, *sign;
	struct span line;

	if (!left)
		return false;
	*ret = (struct keyline){.all = {file->next, feed ? (size_t)(feed + 1 - file->next) : left}};
	file->next += ret->all.len;
	line = (struct span){ret->all.s, ret->all.len - (feed != NULL)};
	if (line.len && line.s[line.len - 1] == '\r')
		line.len--;
	line = trim_start(line);
	ret->header = line.len && line.s[0] == '[';
	if (ret->header) {
		const char *close = memchr(line.s, ']', line.len);

		file->group = (struct span){line.s + 1, (close ? (size_t)(close - line.s) : line.len) - 1};
	}
	ret->group = file->group;
	sign = !ret->header && line.len && line.s[0] != '#' ? memchr(line.s, '=', line.len) : NULL;
	if (sign) {
		ret->key = trim_end((struct span){line.s, (size_t)(sign - line.s)});
		ret->value = trim_start((struct span){sign + 1, line.len - (size_t)(sign + 1 - line.s)});
	}
	return true;
}

bool key_is(const struct keyline *line, const char *key)
{
	size_t len = strlen(key);

	return span_starts(line->key, key) && (line->key.len == len || line->key.s[len] == '[');
}

char *keyfile_unescape(struct span value)
{
	static const char letters[] = "sntr\\", bytes[] = " \n\t\r\\";
	autostr struct str out = {0};

	str_add(&out, "");
	for (size_t i = 0; i < value.len; i++) {
		const char *escape = value.s[i] == '\\' && i + 1 < value.len && value.s[i + 1]
					     ? strchr(letters, value.s[i + 1])
					     : NULL;

		if (escape)
			i++;
		if (escape || value.s[i])
			str_add_bytes(&out, escape ? &bytes[escape - letters] : &value.s[i], 1);
	}
	return take(out.s);
}

int keyfile_escape(const char *text, struct str *ret, struct err *e)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(e, EINVAL, "a control byte can't be written to such a file");
	for (; *text; text++)
		str_add_bytes(ret, *text == '\\' ? "\\\\" : text, *text == '\\' ? 2 : 1);
	return 0;
}

char *keyfile_value(const struct str *text, const char *group, const char *key)
{
	struct keyfile file;
	struct keyline line;

	keyfile_begin(&file, text);
	while (keyfile_next(&file, &line))
		if (!line.header && span_is(line.group, group) && span_is(line.key, key))
			return keyfile_unescape(line.value);
	return NULL;
}
