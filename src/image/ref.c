/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "image/image.h"

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

/* One part between slashes, or a tag: it begins with a letter or digit. */
static bool is_part(const char *text, size_t len)
{
	return len > 0 && isalnum((unsigned char)text[0]) && strspn(text, name_bytes) >= len;
}

/* As other engines print names: what they have put before it is not said. However often: the full name is one, too. */
static const char *familiar(const char *text)
{
	static const char *const before[] = {"docker.io/library/", "docker.io/", "localhost/"};

	for (size_t i = 0; i < countof(before); i++)
		if (str_starts(text, before[i]))
			return familiar(text + strlen(before[i]));
	return text;
}

/* The colon of a tag is behind the last slash: HOST:PORT/NAME has none. */
char *ref_full(const char *name, struct err *e)
{
	const char *text = familiar(name);
	const char *slash = strrchr(text, '/'), *colon = strchr(slash ? slash : text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	autofree char *full = colon ? xstrdup(text) : xasprintf("%s:latest", text);
	/* what is read as a digest is no name: it would lead to another image */
	bool good = strlen(full) <= IMAGE_NAME_MAX && !str_starts(full, "sha256:") &&
		    (!colon || is_part(colon + 1, strlen(colon + 1)));
	const char *p = text;

	while (good && p <= text + len) {
		size_t part = strcspn(p, "/");
		const char *port = memchr(p, ':', part);

		if (part > (size_t)(text + len - p))
			part = (size_t)(text + len - p);
		if (p == text && slash && port && port < p + part) /* of a registry */
			good = is_part(p, (size_t)(port - p)) && is_part(port + 1, (size_t)(p + part - port - 1));
		else
			good = is_part(p, part);
		p += part + 1;
	}
	if (good)
		return take(full);
	(void)err_set(
		e, EINVAL,
		"'%.*s%s' is no name of an image: NAME or NAME:TAG, of letters, digits, '.', '_', '-', and '/' between "
		"parts, at most %d bytes with its tag",
		IMAGE_NAME_MAX, text, strlen(text) > IMAGE_NAME_MAX ? "..." : "", IMAGE_NAME_MAX);
	return NULL;
}

char *ref_file(const char *full)
{
	char *file = xstrdup(full);

	for (char *p = file; *p; p++)
		if (*p == '/')
			*p = '%';
	return file;
}

char *ref_of_file(const char *file)
{
	char *full = xstrdup(file);

	for (char *p = full; *p; p++)
		if (*p == '%')
			*p = '/';
	return full;
}
