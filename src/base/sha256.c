/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/sha256.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct sha256 {
	struct sha256_ctx ctx;
};

struct sha256 *sha256_begin(void)
{
	struct sha256 *sha = xmalloc(sizeof *sha);

	sha256_init(&sha->ctx);
	return sha;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t size)
{
	sha256_update(&sha->ctx, size, bytes);
}

void sha256_end(struct sha256 *sha, char ret[SHA256_TEXT])
{
	uint8_t bytes[SHA256_DIGEST_SIZE];

	sha256_digest(&sha->ctx, sizeof bytes, bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
	free(sha);
}

bool digest_is(const char *text)
{
	return str_starts(text, "sha256:") && strspn(text + 7, "0123456789abcdef") == SHA256_TEXT - 1 &&
	       !text[SHA256_DIGEST - 1];
}
