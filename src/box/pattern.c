/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "box/pattern.h"

#include <stddef.h>

static bool ends(char c)
{
	return c == '\0' || c == '/';
}

/* The end of the set that starts behind '[' at `p`, behind its ']'; NULL: there is none, and '[' is a plain byte. A ']'
 * that comes first is one of the set. */
static const char *set_end(const char *p)
{
	p += *p == '!';
	for (bool first = true; !ends(*p); first = false, p++) {
		if (*p == ']' && !first)
			return p + 1;
		if (*p == '\\' && !ends(p[1]))
			p++;
	}
	return NULL;
}

static unsigned char set_byte(const char **p)
{
	*p += **p == '\\';
	return (unsigned char)*(*p)++;
}

static bool in_set(const char *p, const char *end, unsigned char c)
{
	bool away = *p == '!', found = false;

	p += away;
	end--; /* the ']' */
	while (p < end) {
		unsigned char low = set_byte(&p), high = low;

		if (p + 1 < end && *p == '-') {
			p++;
			high = set_byte(&p);
		}
		found |= low <= c && c <= high;
	}
	return found != away;
}

/* What stands for one byte: returns what is behind it in the pattern, or NULL if it does not stand for this one. */
static const char *one(const char *pattern, char c)
{
	const char *end = *pattern == '[' ? set_end(pattern + 1) : NULL;

	if (end)
		return in_set(pattern + 1, end, (unsigned char)c) ? end : NULL;
	if (*pattern == '?')
		return pattern + 1;
	pattern += *pattern == '\\' && !ends(pattern[1]);
	return *pattern == c ? pattern + 1 : NULL;
}

/* One name. Only the last '*' is ever tried again, since what an earlier one took could only be given to it: so the
 * time is the product of both lengths at most. */
static bool name_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *tried = NULL;

	for (;;) {
		const char *next;

		if (*pattern == '*') {
			star = ++pattern;
			tried = name;
			continue;
		}
		if (ends(*name) && ends(*pattern))
			return true;
		next = ends(*name) || ends(*pattern) ? NULL : one(pattern, *name);
		if (next) {
			pattern = next;
			name++;
			continue;
		}
		if (!star || ends(*tried))
			return false;
		pattern = star;
		name = ++tried;
	}
}

static const char *next_name(const char *p)
{
	while (!ends(*p))
		p++;
	return *p ? p + 1 : NULL;
}

bool pattern_takes(const char *pattern, const char *path)
{
	for (;;) {
		if (!name_matches(pattern, path))
			return false;
		pattern = next_name(pattern);
		path = next_name(path);
		if (!pattern)
			return true;
		if (!path)
			return false;
	}
}
