/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"

#include <string.h>

#include "base/str.h"

/* Byte by byte: most pairs differ at the second one, and this is asked very often. */
bool path_below(const char *path, const char *above)
{
	if (above[0] == '/' && !above[1])
		return true;
	while (*above && *path == *above) {
		path++;
		above++;
	}
	return *above == '\0' && (*path == '\0' || *path == '/');
}

static bool is_up(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

bool path_goes_up(const char *path)
{
	for (const char *p = path; *p; p += strcspn(p, "/")) {
		p += strspn(p, "/");
		if (is_up(p, strcspn(p, "/")))
			return true;
	}
	return false;
}

char *path_normal(const char *path)
{
	struct str out = {0};

	for (const char *p = path; *p;) {
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (is_up(p, len)) {
			while (out.len && out.s[out.len - 1] != '/')
				out.len--;
			out.len -= out.len > 0;
			if (out.s)
				out.s[out.len] = '\0';
		} else if (len && !(len == 1 && p[0] == '.')) {
			str_add(&out, "/");
			str_add_bytes(&out, p, len);
		}
		p += len;
	}
	if (!out.len)
		str_add(&out, "/");
	return out.s;
}
