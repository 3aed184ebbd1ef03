/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* manifest: the JSON of images. Nothing in it is trusted: digests are checked by who follows them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "image/image.h"

static char *text_of(const struct json *object, const char *name)
{
	const char *text = json_kind(object) == JSON_OBJECT ? json_text(json_member(object, name)) : NULL;

	return text ? xstrdup(text) : NULL;
}

static void descriptor_done(struct descriptor *d)
{
	free(d->media);
	free(d->name);
	free(d->os);
	free(d->architecture);
}

/* `ret` is empty, and the caller's also on failure. */
static int read_descriptor(const struct json *json, struct descriptor *ret, struct err *e)
{
	autofree char *digest = text_of(json, "digest"), *size = text_of(json, "size");
	const struct json *more;

	if (!digest || !digest_is(digest))
		return err_set(e, EINVAL, "a digest is none of the form sha256:HEX");
	if (!size || units_number(size, INT64_MAX, &ret->size, e) < 0)
		return err_set(e, EINVAL, "the size of '%s' is no number of bytes", digest);
	memcpy(ret->digest, digest, IMAGE_DIGEST);
	ret->media = text_of(json, "mediaType");
	if (!ret->media)
		ret->media = xstrdup("");
	more = json_member(json, "annotations");
	ret->name = text_of(more, "org.opencontainers.image.ref.name");
	more = json_member(json, "platform");
	ret->os = text_of(more, "os");
	ret->architecture = text_of(more, "architecture");
	return 0;
}

static int read_list(const struct json *list, struct manifest *ret, size_t most, struct err *e)
{
	if (json_kind(list) != JSON_ARRAY)
		return err_set(e, EINVAL, "it has neither 'manifests' nor 'layers'");
	if (json_count(list) > most)
		return err_set(e, E2BIG, "it has more than %zu entries", most);
	for (size_t i = 0; i < json_count(list); i++) {
		int r;

		ret->entry = xgrow(ret->entry, ret->count, &ret->cap, sizeof *ret->entry);
		ret->entry[ret->count] = (struct descriptor){0};
		r = read_descriptor(json_at(list, i), &ret->entry[ret->count++], e);
		if (r < 0)
			return err_prefix(e, "entry %zu", i + 1);
	}
	return 0;
}

static int read_parts(const struct json *json, struct manifest *ret, struct err *e)
{
	autofree char *version = json_kind(json) == JSON_OBJECT ? text_of(json, "schemaVersion") : NULL;
	const struct json *manifests;

	if (!version || !str_eq(version, "2"))
		return err_set(e, EINVAL, "it is no object with schemaVersion 2");
	manifests = json_member(json, "manifests");
	if (manifests) {
		ret->is_index = true;
		return read_list(manifests, ret, 4096, e);
	}
	if (read_descriptor(json_member(json, "config"), &ret->config, e) < 0)
		return err_prefix(e, "its config");
	return read_list(json_member(json, "layers"), ret, IMAGE_LAYERS_MAX, e);
}

int manifest_read(const struct str *text, struct manifest *ret, struct err *e)
{
	struct manifest manifest = {0};
	struct json *json = NULL;
	int r = json_parse(text, &json, e);

	if (r == 0)
		r = read_parts(json, &manifest, e);
	json_done(json);
	if (r < 0)
		manifest_done(&manifest);
	else
		*ret = manifest;
	return r;
}

void manifest_done(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->count; i++)
		descriptor_done(&manifest->entry[i]);
	free(manifest->entry);
	descriptor_done(&manifest->config);
	*manifest = (struct manifest){0};
}

/* null is an empty list. */
static int read_texts(const struct json *object, const char *name, struct strv *ret, struct err *e)
{
	const struct json *list = json_kind(object) == JSON_OBJECT ? json_member(object, name) : NULL;

	if (json_kind(list) == JSON_NULL)
		return 0;
	if (json_kind(list) != JSON_ARRAY)
		return err_set(e, EINVAL, "'%s' is no list", name);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *item = json_at(list, i);

		if (json_kind(item) != JSON_STRING || !json_text(item))
			return err_set(e, EINVAL, "'%s' has an entry that is no text", name);
		strv_add(ret, json_text(item));
	}
	return 0;
}

static int read_config(const struct json *json, struct image_config *ret, struct err *e)
{
	const struct json *config, *rootfs;
	int r;

	if (json_kind(json) != JSON_OBJECT)
		return err_set(e, EINVAL, "it is no object");
	config = json_member(json, "config");
	rootfs = json_member(json, "rootfs");
	r = read_texts(config, "Entrypoint", &ret->entrypoint, e);
	if (r == 0)
		r = read_texts(config, "Cmd", &ret->command, e);
	if (r == 0)
		r = read_texts(config, "Env", &ret->environment, e);
	if (r == 0)
		r = read_texts(rootfs, "diff_ids", &ret->diff_ids, e);
	for (size_t i = 0; r == 0 && i < ret->diff_ids.count; i++)
		if (!digest_is(ret->diff_ids.v[i]))
			r = err_set(e, EINVAL, "'diff_ids' has an entry that is no digest of the form sha256:HEX");
	ret->user = text_of(config, "User");
	ret->folder = text_of(config, "WorkingDir");
	ret->os = text_of(json, "os");
	ret->architecture = text_of(json, "architecture");
	return r;
}

int image_config_read(const struct str *text, struct image_config *ret, struct err *e)
{
	struct image_config config = {0};
	struct json *json = NULL;
	int r = json_parse(text, &json, e);

	if (r == 0)
		r = read_config(json, &config, e);
	json_done(json);
	if (r < 0)
		image_config_done(&config);
	else
		*ret = config;
	return r;
}

void image_config_done(struct image_config *config)
{
	strv_done(&config->entrypoint);
	strv_done(&config->command);
	strv_done(&config->environment);
	strv_done(&config->diff_ids);
	free(config->user);
	free(config->folder);
	free(config->os);
	free(config->architecture);
	*config = (struct image_config){0};
}

const char *image_architecture(const char *machine)
{
	static const char *const names[][2] = {
		{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i686", "386"}, {"armv7l", "arm"}, {"riscv64", "riscv64"}};

	for (size_t i = 0; i < countof(names); i++)
		if (str_eq(machine, names[i][0]))
			return names[i][1];
	return machine;
}
