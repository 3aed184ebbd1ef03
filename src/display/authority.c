/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of a family and four counted fields (address, number of the display, name, data), all numbers big-endian, of
 * 16 bits. */
#include "display/authority.h"

#include <string.h>

#include "base/mem.h"

enum { FAMILY_LOCAL = 256, FAMILY_WILD = 0xffff };

static const char magic[] = "MIT-MAGIC-COOKIE-1";

static void number(struct str *out, size_t value)
{
	const unsigned char bytes[] = {(unsigned char)(value >> 8), (unsigned char)value};

	str_add_bytes(out, bytes, sizeof bytes);
}

static void counted(struct str *out, const void *bytes, size_t size)
{
	number(out, size);
	str_add_bytes(out, bytes, size);
}

void authority_add(int display, const void *cookie, struct str *out)
{
	autofree char *digits = xasprintf("%d", display);

	number(out, FAMILY_WILD);
	counted(out, "", 0);
	counted(out, digits, strlen(digits));
	counted(out, magic, strlen(magic));
	counted(out, cookie, COOKIE_SIZE);
}

struct field {
	const unsigned char *bytes;
	size_t size;
};

static bool next_number(struct field *rest, unsigned *ret)
{
	if (rest->size < 2)
		return false;
	*ret = (unsigned)rest->bytes[0] << 8 | rest->bytes[1];
	rest->bytes += 2;
	rest->size -= 2;
	return true;
}

static bool next_field(struct field *rest, struct field *ret)
{
	unsigned size;

	if (!next_number(rest, &size) || rest->size < size)
		return false;
	*ret = (struct field){rest->bytes, size};
	rest->bytes += size;
	rest->size -= size;
	return true;
}

static bool is(const struct field *field, const char *text)
{
	return field->size == strlen(text) && memcmp(field->bytes, text, field->size) == 0;
}

bool authority_find(const void *bytes, size_t size, int display, unsigned char ret[COOKIE_SIZE])
{
	autofree char *digits = xasprintf("%d", display);
	struct field rest = {bytes, size}, address, shown, name, data;
	unsigned family;

	while (next_number(&rest, &family) && next_field(&rest, &address) && next_field(&rest, &shown) &&
	       next_field(&rest, &name) && next_field(&rest, &data)) {
		if ((family != FAMILY_LOCAL && family != FAMILY_WILD) || (shown.size && !is(&shown, digits)) ||
		    !is(&name, magic) || data.size != COOKIE_SIZE)
			continue;
		memcpy(ret, data.bytes, COOKIE_SIZE);
		return true;
	}
	return false;
}
