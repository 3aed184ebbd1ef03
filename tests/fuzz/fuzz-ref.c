/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-ref: the input is the name of an image. A second reading, part by part, takes the same names; the full name of
 * one is one, is a good name of a file, and comes back from that. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "image/image.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_TEXT = 600 };

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A part without colons, of text from `from` up to `to`. */
static bool good_part(const char *from, const char *to)
{
	if (from >= to || !is_letter(*from))
		return false;
	for (; from < to; from++)
		if (!is_letter(*from) && *from != '.' && *from != '_' && *from != '-')
			return false;
	return true;
}

static const char *without_prefixes(const char *text)
{
	for (;;) {
		if (str_starts(text, "docker.io/"))
			text += str_starts(text, "docker.io/library/") ? strlen("docker.io/library/")
								       : strlen("docker.io/");
		else if (str_starts(text, "localhost/"))
			text += strlen("localhost/");
		else
			return text;
	}
}

/* Only the last part has a tag, and only the first of more than one a port. */
static bool model(const char *text, bool *tagged)
{
	bool first = true;

	for (*tagged = false;; first = false) {
		const char *end = text + strcspn(text, "/"), *colon = text + strcspn(text, ":/");

		if (colon < end) {
			if (*end && !first)
				return false;
			if (!good_part(colon + 1, end))
				return false;
			*tagged = !*end;
		}
		if (!good_part(text, colon))
			return false;
		if (!*end)
			return true;
		text = end + 1;
	}
}

static void check_full(const char *full)
{
	struct err e = {0};
	autofree char *again = ref_full(full, &e), *file = ref_file(full), *back = ref_of_file(file);

	FUZZ_CHECK(again && str_eq(again, full));
	FUZZ_CHECK(strlen(full) <= IMAGE_NAME_MAX && strchr(full, ':') && !str_starts(full, "sha256:"));
	FUZZ_CHECK(!strchr(file, '/') && is_letter(file[0]) && str_eq(back, full));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size < MAX_TEXT ? size : MAX_TEXT);
	const char *rest = without_prefixes(text);
	struct err e = {0};
	autofree char *full = ref_full(text, &e), *expected = NULL;
	bool tagged, good = model(rest, &tagged);

	expected = xasprintf("%s%s", rest, tagged ? "" : ":latest");
	good = good && strlen(expected) <= IMAGE_NAME_MAX && !str_starts(expected, "sha256:");
	FUZZ_CHECK((full != NULL) == (good && !fuzz_wrong));
	if (full) {
		FUZZ_CHECK(str_eq(full, expected));
		check_full(full);
	} else {
		FUZZ_CHECK(e.code == EINVAL && strstr(e.text, "is no name of an image"));
	}
	return 0;
}
