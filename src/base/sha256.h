/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sha256: FIPS 180-4, by nettle. The only user of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	SHA256_TEXT = 64 + 1,            /* digits in lower case, with NUL */
	SHA256_DIGEST = 7 + SHA256_TEXT, /* "sha256:DIGITS", with NUL */
};

struct sha256;

/* Owned by the caller, until sha256_end. */
struct sha256 *sha256_begin(void) __attribute__((returns_nonnull));
void sha256_add(struct sha256 *sha, const void *bytes, size_t size) __attribute__((nonnull));
/* Frees it. */
void sha256_end(struct sha256 *sha, char ret[SHA256_TEXT]) __attribute__((nonnull));
/* "sha256:" and 64 digits in lower case; nothing else is one. */
bool digest_is(const char *text) __attribute__((nonnull));
