/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/names.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

char *names_readable(const char *path)
{
	autostr struct str text = {0};

	str_add(&text, "");
	str_add_escaped(&text, path, false);
	return xasprintf("'%.200s%s'", text.s, text.len > 200 ? "..." : "");
}

static int refuse(struct err *e, const char *path, const char *why)
{
	autofree char *text = names_readable(path);

	return err_set(e, EINVAL, "%s: %s", text, why);
}

int names_normal(const char *raw, uint64_t depth, char **ret, struct err *e)
{
	autostr struct str out = {0};
	uint64_t count = 0;

	if (!*raw)
		return refuse(e, raw, "an empty name");
	if (strlen(raw) > NAMES_PATH)
		return refuse(e, raw, "the path is longer than 4095 bytes");
	if (path_goes_up(raw))
		return refuse(e, raw, "'..' in a path");
	str_add(&out, "");
	for (const char *p = raw; *p;) {
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len > NAMES_NAME)
			return refuse(e, raw, "a name is longer than 255 bytes");
		if (len && !(len == 1 && p[0] == '.')) {
			if (++count > depth)
				return refuse(e, raw, "too many folders in each other");
			if (out.len)
				str_add(&out, "/");
			str_add_bytes(&out, p, len);
		}
		p += len;
	}
	*ret = take(out.s);
	return 0;
}

/* What aufs keeps at the top of a branch: pseudo links, orphans, and the file that whiteouts are links to. */
static bool is_metadata(const char *name, size_t len)
{
	static const char *const known[] = {".wh..wh.aufs", ".wh..wh.plnk", ".wh..wh.orph"};

	for (size_t i = 0; i < countof(known); i++)
		if (len == strlen(known[i]) && memcmp(name, known[i], len) == 0)
			return true;
	return false;
}

static bool has_start(const char *name, size_t len, const char *start)
{
	return len >= strlen(start) && memcmp(name, start, strlen(start)) == 0;
}

static int one_whiteout(const char *path, const char *name, enum whiteout *ret, struct err *e)
{
	size_t len = strcspn(name, "/");
	const char *hidden = name + strlen(WHITEOUT);

	if (!has_start(name, len, WHITEOUT))
		return 0;
	if (is_metadata(name, len)) {
		*ret = WHITEOUT_METADATA;
		return 0;
	}
	if (name[len])
		return refuse(e, path, "a whiteout is no folder");
	if (!*hidden || str_eq(hidden, ".") || str_eq(hidden, ".."))
		return refuse(e, path, "a whiteout of no name");
	if (has_start(hidden, strlen(hidden), WHITEOUT) && !str_eq(name, WHITEOUT_OPAQUE_NAME))
		return refuse(e, path, "a whiteout that nothing is known of");
	*ret = WHITEOUT_NAME;
	return 0;
}

int names_whiteout(const char *path, enum whiteout *ret, struct err *e)
{
	enum whiteout found = WHITEOUT_NONE;

	for (const char *name = path; *name && found == WHITEOUT_NONE;) {
		int r = one_whiteout(path, name, &found, e);

		if (r < 0)
			return r;
		name += strcspn(name, "/");
		name += *name == '/';
	}
	*ret = found;
	return 0;
}
