/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-manifest: the input is a manifest or an index of an image. A second reading of its JSON takes the same ones, and
 * gives the same digests and sizes. */
#include <string.h>

#include "base/mem.h"
#include "image/image.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16384, MOST_OF_INDEX = 4096 };

static const char *text_of(const struct json *object, const char *name)
{
	return json_kind(object) == JSON_OBJECT ? json_text(json_member(object, name)) : NULL;
}

static bool good_digest(const char *text)
{
	if (!text || strlen(text) != 71 || memcmp(text, "sha256:", 7))
		return false;
	for (text += 7; *text; text++)
		if (!((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'f')))
			return false;
	return true;
}

static bool good_size(const char *text, uint64_t *ret)
{
	unsigned __int128 number = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (unsigned)(*text - '0');
		if (number > INT64_MAX)
			return false;
	}
	*ret = (uint64_t)number;
	return true;
}

static bool same_text(const char *is, const struct json *object, const char *name)
{
	const char *text = text_of(object, name);

	return text ? is && str_eq(is, text) : !is;
}

/* What is read must be what is written; `d` NULL: only whether it can be. */
static bool check_descriptor(const struct json *json, const struct descriptor *d)
{
	const struct json *notes;
	uint64_t size = 0;

	if (!good_digest(text_of(json, "digest")) || !good_size(text_of(json, "size"), &size))
		return false;
	if (!d)
		return true;
	FUZZ_CHECK(digest_is(d->digest) && str_eq(d->digest, text_of(json, "digest")));
	FUZZ_CHECK(d->size == size + fuzz_wrong);
	FUZZ_CHECK(d->media && (*d->media ? same_text(d->media, json, "mediaType") : true));
	notes = json_member(json, "annotations");
	FUZZ_CHECK(same_text(d->name, notes, "org.opencontainers.image.ref.name"));
	FUZZ_CHECK(same_text(d->os, json_member(json, "platform"), "os"));
	FUZZ_CHECK(same_text(d->architecture, json_member(json, "platform"), "architecture"));
	return true;
}

/* `m` NULL: only whether it can be read. */
static bool check_json(const struct json *json, const struct manifest *m)
{
	const char *version = text_of(json, "schemaVersion");
	const struct json *list, *index;

	if (!version || !str_eq(version, "2"))
		return false;
	index = json_member(json, "manifests");
	list = index ? index : json_member(json, "layers");
	if (!index && !check_descriptor(json_member(json, "config"), m ? &m->config : NULL))
		return false;
	if (json_kind(list) != JSON_ARRAY || json_count(list) > (index ? (size_t)MOST_OF_INDEX : IMAGE_LAYERS_MAX))
		return false;
	if (m)
		FUZZ_CHECK(m->is_index == (index != NULL) && m->count == json_count(list));
	for (size_t i = 0; i < json_count(list); i++)
		if (!check_descriptor(json_at(list, i), m ? &m->entry[i] : NULL))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autostr struct str text = {0};
	struct err e = {0}, none = {0};
	struct manifest m = {0};
	struct json *json = NULL;
	bool good;
	int r;

	if (size > MAX_BYTES)
		return 0;
	str_add_bytes(&text, (const char *)data, size);
	r = manifest_read(&text, &m, &e);
	good = json_parse(&text, &json, &none) == 0 && check_json(json, NULL);
	FUZZ_CHECK((r == 0) == good);
	if (r == 0)
		FUZZ_CHECK(check_json(json, &m));
	else
		FUZZ_CHECK(e.code == -r && e.text[0] && !m.entry && !m.count && !m.config.media);
	json_done(json);
	manifest_done(&m);
	return 0;
}
