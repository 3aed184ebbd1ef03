/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x11-made: requests of X11 that tests make, in both orders of bytes, and what the filter makes of them. Include
 * cmocka.h before it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "display/x11-filter.h"

/* The server's are below BASE, ours in [BASE, OTHER). */
enum { BASE = 0x200000, OTHER = 0x400000, OURS = BASE + 7, THEIRS = OTHER + 7, ROOT = 0x50d, NOBODYS = 0x3ffff };

static inline bool is_foreign(const void *arg, uint32_t id)
{
	(void)arg;
	return id >= OTHER;
}

enum {
	BIG = 133,
	MISC = 136,
	LONGEST = 1 << 22,
	ATOM = 200 /* the first of those that are known */,
	MANAGER = OTHER + 99
};
static const struct x11_owners owners = {is_foreign, NULL};
static const struct x11_known known = {BIG, MISC, LONGEST, {200, 201, 202, 203, 204, 205}, MANAGER};
static const struct x11_client plain = {false, false, &owners, &known};

/* A request of words; the first is that of opcode and length. */
struct made {
	unsigned char bytes[128];
	size_t size;
	bool big, extended; /* its length is in 32 bits */
};

static inline void word(struct made *m, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		m->bytes[m->size++] = (unsigned char)(value >> 8 * (m->big ? 3 - i : i));
}

static inline void head(struct made *m, bool big, uint8_t opcode, uint8_t small, uint16_t words)
{
	*m = (struct made){.bytes = {opcode, small}, .size = 4, .big = big};
	m->bytes[big ? 3 : 2] = (unsigned char)words;
	m->bytes[big ? 2 : 3] = (unsigned char)(words >> 8);
}

static inline uint32_t word_at(const struct made *m, size_t at)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++)
		value |= (uint32_t)m->bytes[at + i] << 8 * (m->big ? 3 - i : i);
	return value;
}

static inline void filter(struct made *m)
{
	for (size_t size = 0; size < m->size; size++) /* not before it is whole */
		assert_int_equal(x11_filter(m->bytes, size, &(struct x11_client){m->big, m->extended, &owners, &known}),
				 0);
	assert_int_equal(x11_filter(m->bytes, m->size, &(struct x11_client){m->big, m->extended, &owners, &known}),
			 m->size);
}
