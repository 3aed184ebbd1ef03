/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-wire.h"

#include <string.h>

#include "base/mem.h"

enum { SETUP_HEADER = 12, MOST_SETUP = 4096, WELCOME_HEADER = 8, MESSAGE = 32, GENERIC_EVENT = 35, MAJOR_VERSION = 11 };
enum { INTERN_ATOM = 16, GET_PROPERTY = 20, QUERY_EXTENSION = 98, ENABLE = 0, WINDOW = 33 };
enum { GENERATE = 1, REVOKE = 2, TIMEOUT_VALUE = 1, TRUST_VALUE = 2, UNTRUSTED = 1 };

static const char magic[] = "MIT-MAGIC-COOKIE-1";

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static void put(struct str *out, bool big_endian, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)(value >> 8 * (big_endian ? size - 1 - i : i));

		str_add_bytes(out, &byte, 1);
	}
}

static void put_bytes(struct str *out, const void *bytes, size_t size)
{
	str_add_bytes(out, bytes, size);
	str_add_bytes(out, "\0\0", padded(size) - size);
}

static uint32_t get(const unsigned char *bytes, bool big_endian, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << 8 * (big_endian ? size - 1 - i : i);
	return value;
}

static uint32_t get16(const unsigned char *bytes)
{
	return get(bytes, false, 2);
}

static uint32_t get32(const unsigned char *bytes)
{
	return get(bytes, false, 4);
}

/* --- setups --- */
void x11_put_setup(bool big_endian, const void *cookie, struct str *out)
{
	put(out, big_endian, big_endian ? 'B' : 'l', 1);
	put(out, big_endian, 0, 1);
	put(out, big_endian, MAJOR_VERSION, 2);
	put(out, big_endian, 0, 2);
	put(out, big_endian, cookie ? strlen(magic) : 0, 2);
	put(out, big_endian, cookie ? COOKIE_SIZE : 0, 2);
	put(out, big_endian, 0, 2);
	if (cookie) {
		put_bytes(out, magic, strlen(magic));
		put_bytes(out, cookie, COOKIE_SIZE);
	}
}

/* 0: it is not known yet. */
static ssize_t setup_length(const unsigned char *bytes, size_t size)
{
	bool big_endian = size && bytes[0] == 'B';

	if (size && bytes[0] != 'l' && bytes[0] != 'B')
		return -1;
	if (size < SETUP_HEADER)
		return 0;
	return (ssize_t)(SETUP_HEADER + padded(get(bytes + 6, big_endian, 2)) + padded(get(bytes + 8, big_endian, 2)));
}

ssize_t x11_with_cookie(const unsigned char *bytes, size_t size, const void *cookie, struct str *ret)
{
	ssize_t length = setup_length(bytes, size), made;

	if (length < 0 || length > MOST_SETUP)
		return -1;
	if (!length || size < (size_t)length)
		return 0;
	x11_put_setup(bytes[0] == 'B', cookie, ret);
	made = (ssize_t)ret->len;
	str_add_bytes(ret, bytes + length, size - (size_t)length);
	return made;
}

ssize_t x11_welcome_length(const unsigned char *bytes, size_t size, bool big_endian)
{
	return size < WELCOME_HEADER ? 0 : (ssize_t)(WELCOME_HEADER + get(bytes + 6, big_endian, 2) * 4);
}

bool x11_welcome(const unsigned char *bytes, size_t size, struct str *ret_why)
{
	size_t words = bytes[1];

	if (bytes[0] == 1)
		return true;
	if (words > size - WELCOME_HEADER)
		words = size - WELCOME_HEADER;
	str_add_bytes(ret_why, bytes + WELCOME_HEADER, words);
	return false;
}

/* Behind the numbers are the name of the vendor and the formats of pictures. */
uint32_t x11_root(const unsigned char *bytes, size_t size)
{
	enum { VENDOR_AT = 24, FORMATS_AT = 29, NUMBERS = 40, FORMAT = 8 };

	return size < NUMBERS
		       ? 0
		       : x11_word(bytes, size,
				  NUMBERS + padded(get16(bytes + VENDOR_AT)) + (size_t)bytes[FORMATS_AT] * FORMAT);
}

/* --- messages --- */
ssize_t x11_message_length(const unsigned char *bytes, size_t size)
{
	uint32_t more;

	if (size < MESSAGE)
		return 0;
	more = x11_sort(bytes) == X11_REPLY || (bytes[0] & 0x7f) == GENERIC_EVENT ? get32(bytes + 4) : 0;
	return more > UINT16_MAX ? -1 : (ssize_t)(MESSAGE + more * 4);
}

enum x11_sort x11_sort(const unsigned char *bytes)
{
	return bytes[0] == 0 ? X11_ERROR : bytes[0] == 1 ? X11_REPLY : X11_EVENT;
}

/* The length of a request is in words of four bytes. */
static void put_header(struct str *out, uint8_t major, uint8_t minor, size_t size)
{
	put(out, false, major, 1);
	put(out, false, minor, 1);
	put(out, false, (uint32_t)(size / 4), 2);
}

static void put_named(uint8_t opcode, const char *name, struct str *out)
{
	size_t len = strlen(name);

	put_header(out, opcode, 0, 8 + padded(len));
	put(out, false, (uint32_t)len, 2);
	put(out, false, 0, 2);
	put_bytes(out, name, len);
}

void x11_put_query_extension(const char *name, struct str *out)
{
	put_named(QUERY_EXTENSION, name, out);
}

void x11_put_intern_atom(const char *name, struct str *out)
{
	put_named(INTERN_ATOM, name, out);
}

void x11_put_enable(uint8_t big_requests, struct str *out)
{
	put_header(out, big_requests, ENABLE, 4);
}

void x11_put_get_window(uint32_t window, uint32_t property, struct str *out)
{
	const uint32_t words[] = {window, property, WINDOW, 0, 1}; /* its type, from word 0, one of them */

	put_header(out, GET_PROPERTY, 0, 4 + sizeof words);
	for (size_t i = 0; i < countof(words); i++)
		put(out, false, words[i], 4);
}

uint32_t x11_word(const unsigned char *bytes, size_t size, size_t at)
{
	return at + 4 <= size ? get32(bytes + at) : 0;
}

uint8_t x11_extension(const unsigned char *bytes, size_t size)
{
	return size >= MESSAGE && bytes[8] ? bytes[9] : 0;
}

void x11_put_generate(uint8_t major, uint32_t timeout, struct str *out)
{
	const size_t len = strlen(magic);

	put_header(out, major, GENERATE, 12 + padded(len) + 8);
	put(out, false, (uint32_t)len, 2);
	put(out, false, 0, 2); /* the server makes the data up */
	put(out, false, TIMEOUT_VALUE | TRUST_VALUE, 4);
	put_bytes(out, magic, len);
	put(out, false, timeout, 4);
	put(out, false, UNTRUSTED, 4);
}

void x11_put_revoke(uint8_t major, uint32_t id, struct str *out)
{
	put_header(out, major, REVOKE, 8);
	put(out, false, id, 4);
}

bool x11_authorization(const unsigned char *bytes, size_t size, struct x11_authorization *ret)
{
	if (size < MESSAGE + COOKIE_SIZE || get16(bytes + 12) != COOKIE_SIZE)
		return false;
	ret->id = get32(bytes + 8);
	memcpy(ret->cookie, bytes + MESSAGE, COOKIE_SIZE);
	return true;
}
