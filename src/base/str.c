/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void reserve(struct str *str, size_t more)
{
	size_t need = str->len + more + 1;

	if (need <= str->cap)
		return;
	while (str->cap < need)
		str->cap = str->cap ? str->cap * 2 : 64;
	str->s = xrealloc(str->s, str->cap, 1);
}

void str_add_bytes(struct str *str, const void *bytes, size_t len)
{
	reserve(str, len);
	memcpy(str->s + str->len, bytes, len);
	str->len += len;
	str->s[str->len] = '\0';
}

void str_add(struct str *str, const char *text)
{
	str_add_bytes(str, text, strlen(text));
}

void str_addf(struct str *str, const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	str_add(str, text);
}

void str_done(struct str *str)
{
	free(str->s);
	*str = (struct str){0};
}

void strv_take(struct strv *list, char *owned)
{
	list->v = xgrow(list->v, list->count + 1, &list->cap, sizeof *list->v);
	list->v[list->count++] = owned;
	list->v[list->count] = NULL;
}

void strv_add(struct strv *list, const char *text)
{
	strv_take(list, xstrdup(text));
}

void strv_add_all(struct strv *list, const struct strv *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		strv_add(list, texts->v[i]);
}

bool strv_has(const struct strv *list, const char *text)
{
	for (size_t i = list->count; i > 0; i--) /* what was added last is asked for most */
		if (str_eq(list->v[i - 1], text))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *list, size_t from)
{
	if (list->count > from)
		qsort(list->v + from, list->count - from, sizeof *list->v, by_bytes);
}

void strv_done(struct strv *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct strv){0};
}

/* The length of the well-formed UTF-8 sequence of more than one byte at p (RFC 3629); 0 if there is none. Text ends
 * with a NUL, which is no part of one. */
static size_t utf8_len(const unsigned char *p, uint32_t *ret_code)
{
	size_t len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	uint32_t code = len == 2 ? p[0] & 0x1f : len == 3 ? p[0] & 0x0f : p[0] & 0x07;

	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (len == 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff)))
		return 0;
	if (len == 4 && (code < 0x10000 || code > 0x10ffff))
		return 0;
	*ret_code = code;
	return len;
}

size_t str_printable(const char *text)
{
	uint32_t code = 0;
	size_t len = utf8_len((const unsigned char *)text, &code);

	if (code < 0xa0 || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0xfeff)
		return 0;
	return len;
}

void str_add_escaped(struct str *str, const char *text, bool utf8)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		size_t len = utf8 && *p >= 0x80 ? str_printable((const char *)p) : 0;

		if (*p >= 0x20 && *p < 0x7f && *p != '\\')
			len = 1;
		if (len)
			str_add_bytes(str, p, len);
		else
			str_addf(str, "\\x%02x", *p);
		p += len ? len : 1;
	}
}

bool str_is_utf8(const struct str *str)
{
	const unsigned char *p = (const unsigned char *)str->s;
	uint32_t code;
	size_t step;

	for (size_t i = 0; i < str->len; i += step) {
		step = p[i] < 0x80 ? 1 : utf8_len(p + i, &code);
		if (!step)
			return false;
	}
	return true;
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
