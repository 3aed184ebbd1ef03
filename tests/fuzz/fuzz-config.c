/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-config: the input is the configuration of an image. A second reading of its JSON takes the same ones, and gives
 * the same words. */
#include <string.h>

#include "base/mem.h"
#include "image/image.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16384 };

/* Nothing, null, or texts without NUL. `is` NULL: only whether it can be read. */
static bool check_list(const struct json *object, const char *name, const struct strv *is)
{
	const struct json *list = json_kind(object) == JSON_OBJECT ? json_member(object, name) : NULL;
	size_t count = json_kind(list) == JSON_ARRAY ? json_count(list) : 0;

	if (json_kind(list) != JSON_ARRAY && list)
		return false;
	if (is)
		FUZZ_CHECK(is->count == count + fuzz_wrong);
	for (size_t i = 0; i < count; i++) {
		autostr struct str bytes = {0};

		if (!json_bytes(json_at(list, i), &bytes) || memchr(bytes.s, '\0', bytes.len))
			return false;
		if (is)
			FUZZ_CHECK(str_eq(is->v[i], bytes.s));
	}
	return true;
}

static void check_text(const char *is, const struct json *object, const char *name)
{
	const char *text = json_kind(object) == JSON_OBJECT ? json_text(json_member(object, name)) : NULL;

	FUZZ_CHECK(text ? is && str_eq(is, text) : !is);
}

/* `c` NULL: only whether it can be read. */
static bool check_json(const struct json *json, const struct image_config *c)
{
	const struct json *config, *rootfs;

	if (json_kind(json) != JSON_OBJECT)
		return false;
	config = json_member(json, "config");
	rootfs = json_member(json, "rootfs");
	if (!check_list(config, "Entrypoint", c ? &c->entrypoint : NULL) ||
	    !check_list(config, "Cmd", c ? &c->command : NULL) ||
	    !check_list(config, "Env", c ? &c->environment : NULL) ||
	    !check_list(rootfs, "diff_ids", c ? &c->diff_ids : NULL))
		return false;
	if (!c)
		return true;
	check_text(c->user, config, "User");
	check_text(c->folder, config, "WorkingDir");
	check_text(c->os, json, "os");
	check_text(c->architecture, json, "architecture");
	return true;
}

static bool all_digests(const struct json *json)
{
	const struct json *rootfs = json_member(json, "rootfs"), *list;

	list = json_kind(rootfs) == JSON_OBJECT ? json_member(rootfs, "diff_ids") : NULL;
	for (size_t i = 0; list && i < json_count(list); i++) {
		const char *text = json_text(json_at(list, i));

		if (!text || strlen(text) != 71 || memcmp(text, "sha256:", 7) ||
		    strspn(text + 7, "abcdef0123456789") != 64)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autostr struct str text = {0};
	struct err e = {0}, none = {0};
	struct image_config c = {0};
	struct json *json = NULL;
	bool good;
	int r;

	if (size > MAX_BYTES)
		return 0;
	str_add_bytes(&text, (const char *)data, size);
	r = image_config_read(&text, &c, &e);
	good = json_parse(&text, &json, &none) == 0 && check_json(json, NULL) && all_digests(json);
	FUZZ_CHECK((r == 0) == good);
	if (r == 0)
		FUZZ_CHECK(check_json(json, &c));
	else
		FUZZ_CHECK(e.code == -r && e.text[0] && !c.user && !c.entrypoint.v && !c.diff_ids.v);
	json_done(json);
	image_config_done(&c);
	return 0;
}
