/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* str: a growing text, a list of texts, and the escaping of texts that strangers wrote. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* `s` is NUL-terminated and never NULL after the first add. Zero-initialise; str_done frees. */
struct str {
	char *s;
	size_t len, cap;
};

void str_add(struct str *str, const char *text) __attribute__((nonnull));
void str_add_bytes(struct str *str, const void *bytes, size_t len) __attribute__((nonnull));
void str_addf(struct str *str, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));
void str_done(struct str *str);
#define autostr __attribute__((cleanup(str_done)))

/* A list of owned texts, NULL-terminated when not empty. Zero-initialise. */
struct strv {
	char **v;
	size_t count, cap;
};

void strv_add(struct strv *list, const char *text) __attribute__((nonnull));
void strv_take(struct strv *list, char *owned) __attribute__((nonnull)); /* takes over `owned` */
void strv_add_all(struct strv *list, const struct strv *texts) __attribute__((nonnull));
bool strv_has(const struct strv *list, const char *text) __attribute__((nonnull));
/* By their bytes, from `from` on: those before stay. */
void strv_sort(struct strv *list, size_t from) __attribute__((nonnull));
void strv_done(struct strv *list);
#define autostrv __attribute__((cleanup(strv_done)))

/* Appends `text` with every byte outside 0x20-0x7e, and the backslash, as \xNN: what strangers wrote never reaches a
 * terminal or a log as it is. With `utf8` true, well-formed UTF-8 of printable code points is kept. */
void str_add_escaped(struct str *str, const char *text, bool utf8) __attribute__((nonnull));

/* The length of the well-formed UTF-8 sequence of more than one byte at the beginning of a text; 0: there is none, or
 * one that changes how a text around it looks: a control, a line separator, an override of the direction. */
size_t str_printable(const char *text) __attribute__((nonnull));

/* Is all of it well-formed UTF-8? NUL bytes are. */
bool str_is_utf8(const struct str *str) __attribute__((nonnull));

static inline bool str_eq(const char *a, const char *b)
{
	return __builtin_strcmp(a, b) == 0;
}
bool str_starts(const char *text, const char *prefix) __attribute__((nonnull));
