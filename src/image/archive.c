/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* archive: an image in one tar, as `docker save` writes it, or an OCI layout. The tar is unpacked in a sandbox first.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/parts.h"

/* The one image of manifest.json, and its names. */
static int one_image(const struct json *json, const struct json **ret, struct strv *ret_names, struct err *e)
{
	const struct json *tags;

	if (json_kind(json) != JSON_ARRAY || json_count(json) < 1)
		return err_set(e, EINVAL, "'manifest.json' has no image");
	if (json_count(json) > 1) {
		(void)err_set(e, EINVAL, "'manifest.json' has %zu images", json_count(json));
		return err_hint(e, "save them one by one");
	}
	*ret = json_at(json, 0);
	if (json_kind(*ret) != JSON_OBJECT)
		return err_set(e, EINVAL, "'manifest.json' has no image");
	tags = json_member(*ret, "RepoTags");
	for (size_t i = 0; json_kind(tags) == JSON_ARRAY && i < json_count(tags); i++)
		if (json_text(json_at(tags, i)))
			strv_add(ret_names, json_text(json_at(tags, i)));
	return 0;
}

static int add_layer(const struct image_store *store, const struct image_tools *tools, int folder,
		     const struct json *path, struct new_layer *ret, struct err *e)
{
	autoclose int from = -1;
	int r;

	if (json_kind(path) != JSON_STRING || !json_text(path))
		return err_set(e, EINVAL, "'Layers' has an entry that is no path");
	from = open_beneath(folder, json_text(path), e);
	r = from < 0 ? from : store_add(store, from, NULL, &ret->blob, e);
	if (r == 0)
		r = layer_unpack(store, tools, &ret->blob, NULL, ret->diff_id, e);
	return r < 0 ? err_prefix(e, "'%s'", json_text(path)) : 0;
}

/* The configuration says which layers it is for. */
static int check_layers(const struct str *text, const struct new_layer *layer, size_t count, struct err *e)
{
	struct image_config config = {0};
	int r = image_config_read(text, &config, e);

	if (r == 0 && config.diff_ids.count != count)
		r = err_set(e, EBADMSG, "the configuration has %zu diff_ids, and there are %zu layers",
			    config.diff_ids.count, count);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (!str_eq(config.diff_ids.v[i], layer[i].diff_id))
			r = err_set(e, EBADMSG, "layer %zu has the digest '%s', and the configuration says '%s'", i + 1,
				    layer[i].diff_id, config.diff_ids.v[i]);
	image_config_done(&config);
	return r;
}

static int import_docker(const struct image_store *store, const struct image_tools *tools, int folder,
			 const struct json *image, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	const struct json *paths = json_member(image, "Layers");
	const char *config_path = json_text(json_member(image, "Config"));
	size_t count = json_kind(paths) == JSON_ARRAY ? json_count(paths) : 0;
	autofree struct new_layer *layer = xcalloc(count + 1, sizeof *layer);
	struct descriptor config = {0};
	autostr struct str text = {0};
	int r = 0;

	if (!config_path || !count || count > IMAGE_LAYERS_MAX)
		return err_set(e, EINVAL, "'manifest.json' names no configuration, or no layers, or more than %d",
			       IMAGE_LAYERS_MAX);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_layer(store, tools, folder, json_at(paths, i), &layer[i], e);
	if (r == 0)
		r = read_beneath(folder, config_path, &text, e);
	if (r == 0)
		r = check_layers(&text, layer, count, e);
	if (r == 0)
		r = store_add_text(store, &text, &config, e);
	return r < 0 ? r : new_manifest(store, &config, layer, count, ret_digest, e);
}

static int import_unpacked(const struct image_store *store, const struct image_tools *tools, int folder,
			   struct strv *ret_names, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	const struct json *image = NULL;
	autostr struct str text = {0};
	struct json *json = NULL;
	int r;

	if (faccessat(folder, "oci-layout", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return import_layout(store, tools, folder, NULL, ret_digest, e);
	r = read_beneath(folder, "manifest.json", &text, e);
	if (r < 0)
		return err_prefix(e, "neither an OCI layout nor a docker-archive");
	r = json_parse(&text, &json, e);
	if (r == 0)
		r = one_image(json, &image, ret_names, e);
	if (r == 0)
		r = import_docker(store, tools, folder, image, ret_digest, e);
	json_done(json);
	return r;
}

int import_archive(const struct image_store *store, const struct image_tools *tools, int file, struct strv *ret_names,
		   char ret_digest[IMAGE_DIGEST], struct err *e)
{
	autofree char *temporary = store_temporary(store, e);
	struct json *info = NULL;
	struct err none = {0};
	autoclose int folder = -1;
	int r;

	if (!temporary)
		return -e->code;
	folder = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	store_watched(store, "unpacking", file);
	r = folder < 0 ? err_errno(e, errno, "open '%s' in the store of images", temporary)
		       : helper_unpack(tools, file, folder, &info, e);
	store_watched(store, "unpacking", -1);
	json_done(info);
	if (r == 0)
		r = import_unpacked(store, tools, folder, ret_names, ret_digest, e);
	(void)store_clear(store, temporary, &none);
	return r;
}

int layer_of_folder(const struct image_store *store, const struct image_tools *tools, int folder, struct new_layer *ret,
		    struct err *e)
{
	autofree char *temporary = store_temporary(store, e), *path = temporary ? xasprintf("%s/tar", temporary) : NULL;
	struct err none = {0};
	autoclose int tar = -1;
	int r;

	if (!temporary)
		return -e->code;
	tar = openat(store->folder, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r = tar < 0 ? err_errno(e, errno, "make '%s' in the store of images", path)
		    : helper_pack(tools, folder, tar, e);
	if (r == 0 && lseek(tar, 0, SEEK_SET) < 0)
		r = err_errno(e, errno, "read a tar");
	if (r == 0)
		r = store_add(store, tar, NULL, &ret->blob, e);
	(void)store_clear(store, temporary, &none);
	return r < 0 ? r : layer_unpack(store, tools, &ret->blob, NULL, ret->diff_id, e);
}

/* A folder becomes a tar, which is a layer, which is the image. */
int import_folder(const struct image_store *store, const struct image_tools *tools, int folder,
		  const struct image_config *config, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	struct new_layer layer = {0};
	struct descriptor config_blob = {0};
	int r = layer_of_folder(store, tools, folder, &layer, e);

	if (r == 0)
		r = new_config(store, config, &layer, 1, &config_blob, e);
	return r < 0 ? r : new_manifest(store, &config_blob, &layer, 1, ret_digest, e);
}
