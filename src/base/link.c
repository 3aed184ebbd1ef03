/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/link.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define LETTERS SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { ENDING_MAX = 16 };

size_t link_scheme(const char *text)
{
	size_t len = strspn(text, LETTERS DIGITS "+-.");

	return len && len <= LINK_SCHEME_MAX && text[len] == ':' && strchr(LETTERS, text[0]) ? len : 0;
}

bool link_is_clean(const char *text)
{
	static const char hex[] = DIGITS "abcdefABCDEF", bytes[] = LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=";
	size_t scheme = link_scheme(text);

	if (!scheme || !text[scheme + 1])
		return false;
	for (const char *p = text; *p; p++) {
		if (*p == '%' && p[1] && strchr(hex, p[1]) && p[2] && strchr(hex, p[2]))
			p += 2;
		else if (!strchr(bytes, *p))
			return false;
	}
	return true;
}

/* Names a file of whoever follows it, or is a program itself. */
static bool is_never_followed(const char *scheme)
{
	static const char *const never[] = {
		"file",  "javascript", "vbscript", "data",   "blob",  "filesystem",  "about",  "chrome",   "resource",
		"jar",   "smb",        "nfs",      "cifs",   "afp",   "dav",         "davs",   "fd",       "admin",
		"trash", "recent",     "network",  "ms-its", "shell", "view-source", "search", "search-ms"};

	for (size_t i = 0; i < countof(never); i++)
		if (str_eq(scheme, never[i]))
			return true;
	return false;
}

bool link_is_kind(const char *word)
{
	size_t len = strlen(word);

	if (*word == '.')
		return len > 1 && len <= ENDING_MAX && word[strspn(word, SMALL DIGITS ".-_")] == '\0' &&
		       word[len - 1] != '.';
	return len && len <= LINK_SCHEME_MAX && strchr(SMALL, *word) && !word[strspn(word, SMALL DIGITS "+-.")] &&
	       !is_never_followed(word);
}
