/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "image/image.h"

enum { BUFFER = 1 << 18 };

static int copy(int from, int to, uint64_t most, struct sha256 *sha, uint64_t *ret_size, struct err *e)
{
	autofree char *buffer = xmalloc(BUFFER);

	for (*ret_size = 0;;) {
		ssize_t n = read(from, buffer, BUFFER);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? err_errno(e, errno, "read it") : 0;
		*ret_size += (uint64_t)n;
		if (*ret_size > most)
			return err_set(e, EFBIG, "it has more than %llu bytes", (unsigned long long)most);
		sha256_add(sha, buffer, (size_t)n);
		r = to >= 0 ? fd_write(to, buffer, (size_t)n) : 0;
		if (r < 0)
			return err_errno(e, -r, "write it");
	}
}

int digest_copy(int from, int to, uint64_t most, struct descriptor *ret, struct err *e)
{
	struct sha256 *sha = sha256_begin();
	char hex[SHA256_TEXT];
	uint64_t size;
	int r = copy(from, to, most, sha, &size, e);

	sha256_end(sha, hex);
	memcpy(ret->digest, "sha256:", 7);
	memcpy(ret->digest + 7, hex, sizeof hex);
	ret->size = size;
	return r;
}
