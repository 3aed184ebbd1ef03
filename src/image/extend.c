/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* extend: an image with one layer more on top, and all else as it was. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "image/parts.h"

/* Where it says how each layer came about, it says so of this one. */
static struct json *history_json(const struct json *history)
{
	struct json *all = json_new_array(), *own = json_new_object();

	for (size_t i = 0; i < json_count(history); i++)
		json_append(all, json_share(json_at(history, i)));
	json_add_string(own, "created_by", "sbxctl image commit");
	json_append(all, own);
	return all;
}

/* No time is in it: the same layers give the same bytes. */
static int add_config(const struct image_store *store, const struct image *image, const struct new_layer *layer,
		      struct descriptor *ret, struct err *e)
{
	autostr struct str text = {0};
	autostrv struct strv names = {0};
	struct json *old = NULL, *config;
	int r = store_text(store, image->manifest.config.digest, &text, e);

	if (r == 0)
		r = json_parse(&text, &old, e);
	if (r < 0)
		return r;
	config = json_new_object();
	json_names(old, &names);
	for (size_t i = 0; i < names.count; i++) {
		const struct json *member = json_member(old, names.v[i]);

		if (str_eq(names.v[i], "history") && json_kind(member) == JSON_ARRAY)
			json_add(config, names.v[i], history_json(member));
		else if (!str_eq(names.v[i], "rootfs"))
			json_add(config, names.v[i], json_share(member));
	}
	json_add(config, "rootfs", new_rootfs(layer, image->manifest.count + 1));
	json_done(old);
	return new_blob(store, config, ret, e);
}

int image_extend(const struct image_store *store, const struct image_tools *tools, const struct image *image,
		 int folder, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	size_t count = image->manifest.count;
	autofree struct new_layer *layer = xcalloc(count + 1, sizeof *layer);
	struct descriptor config = {0};
	int r;

	if (count >= IMAGE_LAYERS_MAX)
		return err_set(e, E2BIG, "the image has %zu layers already", count);
	if (image->config.diff_ids.count != count)
		return err_set(e, EBADMSG, "the configuration has %zu diff_ids, and the manifest %zu layers",
			       image->config.diff_ids.count, count);
	for (size_t i = 0; i < count; i++) {
		memcpy(layer[i].blob.digest, image->manifest.entry[i].digest, IMAGE_DIGEST);
		layer[i].blob.size = image->manifest.entry[i].size;
		memcpy(layer[i].diff_id, image->config.diff_ids.v[i], IMAGE_DIGEST);
	}
	r = layer_of_folder(store, tools, folder, &layer[count], e);
	if (r == 0)
		r = add_config(store, image, layer, &config, e);
	return r < 0 ? r : new_manifest(store, &config, layer, count + 1, ret_digest, e);
}
