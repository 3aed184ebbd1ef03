/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/asked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/link.h"
#include "base/mem.h"
#include "base/str.h"
#include "open/open.h"

enum { NAME_LONGEST = 255 };

/* Some mail readers take a field for the name of a file that they attach. */
static bool is_field(const char *text, size_t len)
{
	static const char *const fields[] = {"to", "cc", "bcc", "subject", "body", "in-reply-to"};

	for (size_t i = 0; i < countof(fields); i++)
		if (strlen(fields[i]) == len && strncasecmp(text, fields[i], len) == 0)
			return true;
	return false;
}

static int check_mail(const char *link, struct err *e)
{
	const char *query = strchr(link, '?');

	for (const char *p = query ? query + 1 : ""; *p;) {
		size_t len = strcspn(p, "&;"), name = strcspn(p, "=&;");

		if (!is_field(p, name))
			return err_set(e, EPERM, "a link to a mail may not set '%.*s'", (int)(name < 64 ? name : 64),
				       p);
		p += len + (p[len] != '\0');
	}
	return 0;
}

static int read_link(char *text, struct err *e)
{
	size_t scheme = link_scheme(text);
	autofree char *name = NULL;

	if (!scheme)
		return err_set(e, EINVAL, "this is no link: it has no scheme, as https:");
	if (!link_is_clean(text))
		return err_set(e, EINVAL, "this is no link: it has a byte in it that must be written as %%XX");
	for (size_t i = 0; i < scheme; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	name = xstrndup(text, scheme);
	if (!link_is_kind(name))
		return err_set(e, EPERM, "links of the scheme %s: are never opened outside of a sandbox", name);
	return str_eq(name, "mailto") ? check_mail(text, e) : 0;
}

static bool is_safe(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       strchr(" ._-()+,=@", byte);
}

/* It will be the last part of a path, and shown in a title: what else it could mean to anybody is taken away. */
static int read_name(char *text, size_t len, struct err *e)
{
	if (len > NAME_LONGEST)
		return err_set(e, ENAMETOOLONG, "the name of the file is too long");
	for (size_t i = 0, step; i < len; i += step) {
		step = str_printable(text + i); /* 0 also for all of ASCII */
		if (!step && !is_safe(text[i]))
			text[i] = '_';
		step += !step;
	}
	if (text[0] == '.' || text[0] == '-' || text[0] == ' ')
		text[0] = '_';
	return 0;
}

int asked_read(const char *packet, size_t size, struct asked *ret, struct err *e)
{
	autofree char *text = NULL;
	int r;

	if (size < 2 || (packet[0] != OPEN_LINK && packet[0] != OPEN_FILE))
		return err_set(e, EINVAL, "this is no question of sbx-open");
	if (size - 1 > LINK_MAX)
		return err_set(e, E2BIG, "the link is longer than %d bytes", LINK_MAX);
	if (memchr(packet, '\0', size))
		return err_set(e, EINVAL, "there is a NUL byte in it");
	text = xstrndup(packet + 1, size - 1);
	r = packet[0] == OPEN_FILE ? read_name(text, size - 1, e) : read_link(text, e);
	if (r < 0)
		return r;
	*ret = (struct asked){.is_file = packet[0] == OPEN_FILE, .text = take(text)};
	return 0;
}

void asked_done(struct asked *asked)
{
	free(asked->text);
	*asked = (struct asked){0};
}

bool asked_is(const struct asked *asked, const char *kind)
{
	size_t len = strlen(kind), size = strlen(asked->text);

	if (asked->is_file)
		return *kind == '.' && size > len && strcasecmp(asked->text + size - len, kind) == 0;
	return size > len && asked->text[len] == ':' && strncmp(asked->text, kind, len) == 0;
}
