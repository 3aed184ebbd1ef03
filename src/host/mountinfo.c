/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/mountinfo.h"

#include <string.h>

#include "base/mem.h"

/* Blank, tab, newline and backslash are written as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' &&
		    from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* ID PARENT DEVICE ROOT POINT OPTIONS [TAG]... - TYPE SOURCE OPTIONS */
bool mountinfo_take(char *line, struct mountinfo *ret)
{
	char *rest = strstr(line, " - "), *save = NULL, *field[5] = {NULL};

	if (!rest)
		return false;
	*rest = '\0';
	for (size_t i = 0; i < countof(field); i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return false;
	}
	ret->root = field[3];
	ret->point = field[4];
	ret->type = strtok_r(rest + 3, " \n", &save);
	(void)strtok_r(NULL, " \n", &save); /* the source */
	ret->options = strtok_r(NULL, " \n", &save);
	if (!ret->type || !ret->options)
		return false;
	unescape(ret->root);
	unescape(ret->point);
	return true;
}
