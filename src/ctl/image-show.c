/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-show: sbxctl image list and inspect. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/image.h"

static uint64_t size_of(const struct image *image)
{
	uint64_t size = image->manifest.config.size;

	for (size_t i = 0; i < image->manifest.count; i++)
		size += image->manifest.entry[i].size;
	return size;
}

static struct json *short_json(const char *name, const struct image *image)
{
	struct json *json = json_new_object();

	json_add_string(json, "name", name);
	json_add_string(json, "digest", image->digest);
	json_add_uint(json, "bytes", size_of(image));
	json_add_uint(json, "layer_count", image->manifest.count);
	return json;
}

static struct json *layers_json(const struct image_store *store, const struct image *image)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < image->manifest.count; i++) {
		const struct descriptor *layer = &image->manifest.entry[i];
		autofree char *tree = xasprintf("%s/layers/%s/tree", store->path, digest_hex(layer->digest));
		struct json *json = json_new_object();

		json_add_string(json, "digest", layer->digest);
		json_add_string(json, "media_type", layer->media);
		json_add_uint(json, "bytes", layer->size);
		json_add_string(json, "diff_id", i < image->config.diff_ids.count ? image->config.diff_ids.v[i] : NULL);
		json_add_string(json, "folder", tree);
		json_append(list, json);
	}
	return list;
}

static struct json *whole_json(const struct image_store *store, const char *name, const struct image *image)
{
	struct json *json = short_json(name, image);

	json_add(json, "layers", layers_json(store, image));
	json_add_string(json, "config", image->manifest.config.digest);
	json_add_string(json, "os", image->config.os);
	json_add_string(json, "architecture", image->config.architecture);
	json_add(json, "entrypoint", json_new_texts(&image->config.entrypoint));
	json_add(json, "command", json_new_texts(&image->config.command));
	json_add(json, "environment", json_new_texts(&image->config.environment));
	json_add_string(json, "user", image->config.user);
	json_add_string(json, "working_directory", image->config.folder);
	return json;
}

static int list_all(const struct image_store *store, const struct strv *names, struct rows *rows, struct err *e)
{
	for (size_t i = 0; i < names->count; i++) {
		struct image image = {0};
		char digest[IMAGE_DIGEST];
		struct err none = {0};

		if (image_open(store, names->v[i], &image, e) < 0) {
			if (store_ref_digest(store, names->v[i], digest, &none) == -ENOENT)
				continue; /* it was removed meanwhile */
			return -e->code;
		}
		rows_add(rows, short_json(names->v[i], &image));
		image_done(&image);
	}
	return 0;
}

static void show_digest(struct str *out, const struct json *value)
{
	str_addf(out, "%.12s", digest_hex(json_text(value)));
}

int image_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct column columns[] = {{"NAME", "name", -40, NULL},
						{"DIGEST", "digest", -12, show_digest},
						{"BYTES", "bytes", 10, NULL},
						{"LAYERS", "layer_count", 6, NULL}};
	struct image_store store = IMAGE_STORE_NONE;
	autostrv struct strv names = {0};
	struct image_words words;
	struct err e = {0};
	struct rows rows;
	int r;

	if (!image_words_read(argc, argv, 0, 0, &words))
		return 2;
	rows_begin(&rows, "images", ctl->json);
	r = image_store(ctl, STORE_READ, &store, &e);
	if (r == 0)
		r = store_refs(&store, &names, &e);
	if (r == -ENOENT) {
		err_clear(&e); /* none is there */
		r = 0;
	}
	if (r == 0)
		r = list_all(&store, &names, &rows, &e);
	image_store_close(&store);
	return rows_end(&rows, columns, countof(columns), r < 0 ? ctl_fail(&e, 1) : 0);
}

static void add_text(struct str *out, const struct json *json, int depth)
{
	autostrv struct strv names = {0};

	json_names(json, &names);
	for (size_t i = 0; i < names.count; i++) {
		const struct json *value = json_member(json, names.v[i]);

		if (json_kind(value) != JSON_ARRAY) {
			str_addf(out, "%*s%s: ", depth, "", names.v[i]);
			str_add_escaped(out, json_text(value) ? json_text(value) : "-", true);
			str_add(out, "\n");
			continue;
		}
		str_addf(out, "%*s%s:\n", depth, "", names.v[i]);
		for (size_t k = 0; k < json_count(value); k++) {
			const struct json *item = json_at(value, k);

			if (json_kind(item) == JSON_OBJECT) {
				add_text(out, item, depth + 2);
				continue;
			}
			str_addf(out, "%*s- ", depth + 2, "");
			str_add_escaped(out, json_text(item) ? json_text(item) : "-", true);
			str_add(out, "\n");
		}
	}
}

int image_inspect(struct ctl *ctl, int argc, char **argv)
{
	struct image_store store = IMAGE_STORE_NONE;
	struct image_words words;
	struct image image = {0};
	struct json *json;
	struct err e = {0};
	struct rows rows;
	int r;

	if (!image_words_read(argc, argv, 1, 1, &words))
		return 2;
	rows_begin(&rows, "images", ctl->json);
	r = image_store(ctl, STORE_READ, &store, &e);
	if (r == 0)
		r = image_open(&store, words.word[0], &image, &e);
	if (r == 0) {
		json = whole_json(&store, words.word[0], &image);
		add_text(&rows.text, json, 0);
		rows_add(&rows, json);
	}
	image_done(&image);
	image_store_close(&store);
	return rows_end(&rows, NULL, 0, r < 0 ? rows_failed(&rows, words.word[0], &e) : 0);
}
