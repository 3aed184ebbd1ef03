/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* new: manifests and configurations of our own. The same layers give the same bytes: no time is in them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/parts.h"

#define MEDIA "application/vnd.oci.image."

static struct json *descriptor_json(const struct descriptor *d, const char *media)
{
	struct json *json = json_new_object();

	json_add_string(json, "mediaType", media);
	json_add_string(json, "digest", d->digest);
	json_add_uint(json, "size", d->size);
	return json;
}

/* By its first bytes, as whoever unpacks it does. */
static const char *media_of(const struct image_store *store, const struct descriptor *blob)
{
	struct err none = {0};
	autoclose int fd = store_blob(store, blob->digest, &none);
	unsigned char bytes[4] = {0};

	if (fd >= 0 && read(fd, bytes, sizeof bytes) == sizeof bytes) {
		if (bytes[0] == 0x1f && bytes[1] == 0x8b)
			return MEDIA "layer.v1.tar+gzip";
		if (memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0)
			return MEDIA "layer.v1.tar+zstd";
	}
	return MEDIA "layer.v1.tar";
}

int new_blob(const struct image_store *store, struct json *json, struct descriptor *ret, struct err *e)
{
	autostr struct str text = {0};

	json_print_line(json, &text);
	json_done(json);
	return store_add_text(store, &text, ret, e);
}

int new_manifest(const struct image_store *store, const struct descriptor *config, const struct new_layer *layer,
		 size_t count, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	struct json *json = json_new_object(), *layers = json_new_array();
	struct descriptor manifest = {0};
	int r;

	json_add_int(json, "schemaVersion", 2);
	json_add_string(json, "mediaType", MEDIA "manifest.v1+json");
	json_add(json, "config", descriptor_json(config, MEDIA "config.v1+json"));
	for (size_t i = 0; i < count; i++)
		json_append(layers, descriptor_json(&layer[i].blob, media_of(store, &layer[i].blob)));
	json_add(json, "layers", layers);
	r = new_blob(store, json, &manifest, e);
	if (r == 0)
		memcpy(ret_digest, manifest.digest, IMAGE_DIGEST);
	return r;
}

static void add_texts(struct json *object, const char *name, const struct strv *texts)
{
	if (texts->count)
		json_add(object, name, json_new_texts(texts));
}

static struct json *defaults_json(const struct image_config *defaults)
{
	struct json *json = json_new_object();

	add_texts(json, "Entrypoint", &defaults->entrypoint);
	add_texts(json, "Cmd", &defaults->command);
	add_texts(json, "Env", &defaults->environment);
	if (defaults->user)
		json_add_string(json, "User", defaults->user);
	if (defaults->folder)
		json_add_string(json, "WorkingDir", defaults->folder);
	return json;
}

struct json *new_rootfs(const struct new_layer *layer, size_t count)
{
	struct json *rootfs = json_new_object(), *ids = json_new_array();

	json_add_string(rootfs, "type", "layers");
	for (size_t i = 0; i < count; i++)
		json_append_string(ids, layer[i].diff_id);
	json_add(rootfs, "diff_ids", ids);
	return rootfs;
}

int new_config(const struct image_store *store, const struct image_config *defaults, const struct new_layer *layer,
	       size_t count, struct descriptor *ret, struct err *e)
{
	struct json *json = json_new_object();
	struct utsname system;

	if (uname(&system) < 0)
		system.machine[0] = '\0';
	json_add_string(json, "architecture", image_architecture(system.machine));
	json_add_string(json, "os", "linux");
	json_add(json, "config", defaults ? defaults_json(defaults) : json_new_object());
	json_add(json, "rootfs", new_rootfs(layer, count));
	return new_blob(store, json, ret, e);
}
