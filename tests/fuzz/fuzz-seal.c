/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-seal: the input is what stands behind the file system of an image in one file; before a NUL, the configuration,
 * and behind it the last line, as a file of so many bytes has it. Where the line leads lies in the file; what the
 * configuration says can be written, and is the same when it is read again. */
#include <string.h>

#include "base/mem.h"
#include "image/seal.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16384 };

static void check_line(const char *line, uint64_t size)
{
	struct seal_footer footer = {0};
	struct err e = {0};
	int r = seal_read_footer(line, size, &footer, &e);

	if (r < 0) {
		FUZZ_CHECK(e.code == -r && e.text[0] && !footer.length);
		return;
	}
	FUZZ_CHECK(footer.length > 0 && footer.length <= IMAGE_JSON_MAX && digest_is(footer.digest));
	FUZZ_CHECK(footer.offset >= SEAL_HEAD && footer.offset < size);
	FUZZ_CHECK(size - footer.offset == footer.length + SEAL_FOOTER + fuzz_wrong);
}

/* What is written of other texts is not what they are. */
static bool is_plain(const char *text)
{
	autostr struct str escaped = {0};

	str_add_escaped(&escaped, text, true);
	return str_eq(escaped.s ? escaped.s : "", text);
}

static bool strv_is_plain(const struct strv *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (!is_plain(names->v[i]))
			return false;
	return true;
}

static void check_names(const struct strv *names, const struct strv *again)
{
	FUZZ_CHECK(names->count <= SEAL_NAMES_MAX && names->count == again->count);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->v[i];

		FUZZ_CHECK(*name && !strchr(name, '/') && !str_eq(name, ".") && !str_eq(name, ".."));
		FUZZ_CHECK(str_eq(name, again->v[i]));
	}
}

static void check_same(const char *a, const char *b)
{
	FUZZ_CHECK(a ? b && str_eq(a, b) : !b);
}

static void check_text(const struct str *text)
{
	autostr struct str behind = {0}, json = {0};
	struct seal seal = {0}, again = {0};
	struct err e = {0};
	int r = seal_read_text(text, &seal, &e);

	if (r < 0) {
		FUZZ_CHECK(e.code == -r && e.text[0] && !seal.folders.count && !seal.user.name);
		return;
	}
	FUZZ_CHECK(digest_is(seal.digest) && digest_is(seal.content) && (!seal.user.home || *seal.user.home == '/'));
	FUZZ_CHECK(seal_text(&seal, text, &behind, &e) == 0);
	FUZZ_CHECK(behind.len > SEAL_FOOTER);
	check_line(behind.s + behind.len - SEAL_FOOTER, SEAL_HEAD + behind.len);
	str_add_bytes(&json, behind.s, behind.len - SEAL_FOOTER);
	if (!strv_is_plain(&seal.folders) || !strv_is_plain(&seal.files) ||
	    (seal.user.home && !is_plain(seal.user.home)))
		goto done; /* a longer name may be none */
	FUZZ_CHECK(seal_read_text(&json, &again, &e) == 0);
	FUZZ_CHECK(str_eq(seal.digest, again.digest) && str_eq(seal.content, again.content));
	FUZZ_CHECK(seal.user.uid == again.user.uid && seal.user.gid == again.user.gid);
	FUZZ_CHECK(!seal.user.name == !again.user.name && !seal.user.home == !again.user.home);
	check_same(seal.config.user, again.config.user);
	check_same(seal.config.folder, again.config.folder);
	check_names(&seal.folders, &again.folders);
	check_names(&seal.files, &again.files);
done:
	seal_done(&seal);
	seal_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size);
	size_t len = nul ? (size_t)(nul - data) : size;
	autostr struct str text = {0};
	char line[SEAL_FOOTER] = "";

	if (size > MAX_BYTES)
		return 0;
	str_add_bytes(&text, (const char *)data, len);
	check_text(&text);
	if (nul) {
		size_t rest = size - len - 1;

		memcpy(line, nul + 1, rest < sizeof line ? rest : sizeof line);
	}
	for (int bits = 0; bits < 48; bits++)
		check_line(line, (UINT64_C(1) << bits) - 1 + len);
	return 0;
}
