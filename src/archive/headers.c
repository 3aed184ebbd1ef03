/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/headers.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

enum { SIZE_AT = 124, SIZE_LEN = 12, TYPE_AT = 156 };

/* The size of pax records or of a long name: octal, or with the high bit set binary. False: it is none. */
static bool size_of(const char *header, size_t *ret)
{
	const unsigned char *field = (const unsigned char *)header + SIZE_AT;
	size_t size = 0, i = 0;

	if (field[0] == 0x80) {
		for (i = 1; i < SIZE_LEN; i++) {
			if (size >> 40)
				return false;
			size = size << 8 | field[i];
		}
		*ret = size;
		return true;
	}
	while (i < SIZE_LEN && field[i] == ' ')
		i++;
	for (; i < SIZE_LEN && field[i] >= '0' && field[i] <= '7'; i++)
		size = size << 3 | (field[i] - (size_t)'0'); /* 12 digits at most */
	*ret = size;
	return i == SIZE_LEN || field[i] == ' ' || field[i] == '\0';
}

static bool is_name(const char *key, size_t len)
{
	static const char *const names[] = {"path", "linkpath", "GNU.sparse.name"};

	for (size_t i = 0; i < countof(names); i++)
		if (len == strlen(names[i]) && memcmp(key, names[i], len) == 0)
			return true;
	return false;
}

/* One record, "LENGTH KEY=VALUE\n", where the length is that of all of it. */
static int check_record(const char *at, size_t left, size_t *ret_len, struct err *e)
{
	const char *key, *value, *end;
	size_t len = 0, digits = 0;

	while (digits < left && digits < 9 && at[digits] >= '0' && at[digits] <= '9')
		len = len * 10 + (size_t)(at[digits++] - '0');
	if (!digits || digits == left || at[digits] != ' ' || len > left || len < digits + 3 || at[len - 1] != '\n')
		return err_set(e, EINVAL, "a record of pax has no sound length");
	key = at + digits + 1;
	end = at + len - 1;
	value = memchr(key, '=', (size_t)(end - key));
	if (!value || value == key)
		return err_set(e, EINVAL, "a record of pax has no key");
	if (is_name(key, (size_t)(value - key)) && memchr(value, '\0', (size_t)(end - value)))
		return err_set(e, EINVAL, "a NUL in a name");
	*ret_len = len;
	return 0;
}

static int check_pax(const char *records, size_t size, struct err *e)
{
	while (size) {
		size_t len = 0;
		int r = check_record(records, size, &len, e);

		if (r < 0)
			return r;
		records += len;
		size -= len;
	}
	return 0;
}

/* GNU ends a long name by NULs; nothing may follow them. */
static int check_long(const char *name, size_t size, struct err *e)
{
	const char *end = size ? memchr(name, '\0', size) : NULL;

	for (; end && end < name + size; end++)
		if (*end)
			return err_set(e, EINVAL, "a NUL in a name");
	return 0;
}

int headers_check(const char *bytes, size_t size, char *ret_type, struct err *e)
{
	while (size >= HEADERS_BLOCK) {
		char type = bytes[TYPE_AT];
		size_t body = 0, whole;
		int r = 0;

		if (!type || !strchr("xXgLKAV", type)) {
			*ret_type = type;
			return 0;
		}
		if (!size_of(bytes, &body) || body > size - HEADERS_BLOCK)
			break;
		if (strchr("xXg", type))
			r = check_pax(bytes + HEADERS_BLOCK, body, e);
		else if (strchr("LK", type))
			r = check_long(bytes + HEADERS_BLOCK, body, e);
		if (r < 0)
			return r;
		whole = HEADERS_BLOCK + (body + HEADERS_BLOCK - 1) / HEADERS_BLOCK * HEADERS_BLOCK;
		if (whole > size)
			break;
		bytes += whole;
		size -= whole;
	}
	return err_set(e, EINVAL, "headers that contradict each other");
}

int headers_check_end(const char *bytes, size_t size, bool more, struct err *e)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return err_set(e, EINVAL, "headers that belong to no entry at the end");
	if (size < HEADERS_BLOCK)
		return err_set(e, EINVAL, "the archive is cut off: it has no end");
	if (size < (size_t)2 * HEADERS_BLOCK && more)
		return err_set(e, EINVAL, "one block of zeros amid the archive");
	return 0;
}
