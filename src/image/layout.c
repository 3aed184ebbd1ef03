/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layout: a folder as the OCI image layout has it. Its files are a stranger's: none is followed out of it, and each is
 * what its digest says, or refused. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "image/image.h"
#include "image/parts.h"

enum { NESTED_MAX = 4 };

int open_beneath(int folder, const char *path, struct err *e)
{
	int fd = sys_openat2(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	struct stat st;

	if (fd < 0)
		return err_errno(e, errno, "open '%s'", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	return err_set(e, EINVAL, "'%s' is no regular file", path);
}

int read_all(int fd, const char *path, struct str *ret, struct err *e)
{
	int r = fd_read_all(fd, IMAGE_JSON_MAX, ret);

	if (r == -EFBIG)
		return err_set(e, EFBIG, "'%s' has more than %d bytes", path, IMAGE_JSON_MAX);
	return r < 0 ? err_errno(e, -r, "read '%s'", path) : 0;
}

int read_beneath(int folder, const char *path, struct str *ret, struct err *e)
{
	autoclose int fd = open_beneath(folder, path, e);

	return fd < 0 ? fd : read_all(fd, path, ret, e);
}

static int add_blob(const struct image_store *store, int layout, const struct descriptor *blob, struct err *e)
{
	autofree char *path = xasprintf("blobs/sha256/%s", digest_hex(blob->digest));
	struct descriptor is = {0};
	autoclose int from = -1;

	if (store_has_blob(store, blob))
		return 0;
	from = open_beneath(layout, path, e);
	return from < 0 ? from : store_add(store, from, blob, &is, e);
}

/* One that says no platform is for this one, as tools write it that make single images. */
static bool is_for(const struct descriptor *entry, const char *architecture)
{
	return (!entry->os || str_eq(entry->os, "linux")) &&
	       (!entry->architecture || str_eq(entry->architecture, architecture));
}

static int none_fits(const struct manifest *index, const char *tag, size_t fits, struct err *e)
{
	autostr struct str names = {0};

	for (size_t i = 0; i < index->count; i++)
		if (index->entry[i].name)
			str_addf(&names, "%s'%.100s'", names.len ? ", " : "", index->entry[i].name);
	if (fits)
		(void)err_set(e, EINVAL, "it has %zu images that fit: which one?", fits);
	else if (tag)
		(void)err_set(e, ENOENT, "it has no image '%s' for this machine", tag);
	else
		(void)err_set(e, ENOENT, "it has no image for this machine");
	return names.len ? err_hint(e, "it has %.250s", names.s) : -e->code;
}

static int choose(const struct manifest *index, const char *tag, const struct descriptor **ret, struct err *e)
{
	struct utsname system;
	size_t fits = 0;

	if (uname(&system) < 0)
		return err_errno(e, errno, "uname");
	for (size_t i = 0; i < index->count; i++) {
		const struct descriptor *entry = &index->entry[i];

		if (!is_for(entry, image_architecture(system.machine)) ||
		    (tag && (!entry->name || !str_eq(entry->name, tag))))
			continue;
		if (*ret && str_eq((*ret)->digest, entry->digest))
			continue;
		*ret = entry;
		fits++;
	}
	return fits == 1 ? 0 : none_fits(index, tag, fits, e);
}

/* Adds the manifest; an index leads to another one. */
static int add_manifest(const struct image_store *store, int layout, struct str *text, const char *tag,
			struct manifest *ret, char digest[IMAGE_DIGEST], struct err *e)
{
	for (int nested = 0; nested < NESTED_MAX; nested++) {
		const struct descriptor *entry = NULL;
		int r = manifest_read(text, ret, e);

		if (r < 0 || !ret->is_index)
			return r;
		r = choose(ret, nested ? NULL : tag, &entry, e);
		if (r == 0)
			r = entry->size > IMAGE_JSON_MAX
				    ? err_set(e, EFBIG, "a manifest of more than %d bytes", IMAGE_JSON_MAX)
				    : add_blob(store, layout, entry, e);
		if (r == 0) {
			memcpy(digest, entry->digest, IMAGE_DIGEST);
			text->len = 0;
			r = store_text(store, digest, text, e);
		}
		manifest_done(ret);
		if (r < 0)
			return r;
	}
	return err_set(e, ELOOP, "more than %d indexes in each other", NESTED_MAX);
}

int image_check_platform(const struct image_config *config, struct err *e)
{
	struct utsname system;

	if (config->os && !str_eq(config->os, "linux"))
		return err_set(e, ENOEXEC, "the image is for '%s', and this is Linux", config->os);
	if (uname(&system) == 0 && config->architecture &&
	    !str_eq(config->architecture, image_architecture(system.machine)))
		return err_set(e, ENOEXEC, "the image is for '%s', and this is '%s'", config->architecture,
			       image_architecture(system.machine));
	return 0;
}

int add_layers(const struct image_store *store, const struct image_tools *tools, const struct manifest *manifest,
	       struct err *e)
{
	autostr struct str text = {0};
	struct image_config config = {0};
	int r = store_text(store, manifest->config.digest, &text, e);

	if (r == 0)
		r = image_config_read(&text, &config, e);
	if (r == 0)
		r = image_check_platform(&config, e);
	if (r == 0 && !manifest->count)
		r = err_set(e, EINVAL, "the image has no layers: there is nothing to run");
	if (r == 0 && config.diff_ids.count != manifest->count)
		r = err_set(e, EBADMSG, "the configuration has %zu diff_ids, and the manifest %zu layers",
			    config.diff_ids.count, manifest->count);
	for (size_t i = 0; r == 0 && i < manifest->count; i++)
		r = layer_unpack(store, tools, &manifest->entry[i], config.diff_ids.v[i], NULL, e);
	image_config_done(&config);
	return r;
}

static int check_version(int layout, struct err *e)
{
	autostr struct str text = {0};
	struct json *json = NULL;
	int r = read_beneath(layout, "oci-layout", &text, e);
	const char *version = NULL;

	if (r == 0)
		r = json_parse(&text, &json, e);
	if (r == 0 && json_kind(json) == JSON_OBJECT)
		version = json_text(json_member(json, "imageLayoutVersion"));
	if (r == 0 && (!version || !str_starts(version, "1.")))
		r = err_set(e, EINVAL, "'oci-layout' says no version that is known: 1.x");
	json_done(json);
	return r;
}

int import_layout(const struct image_store *store, const struct image_tools *tools, int layout, const char *tag,
		  char ret_digest[IMAGE_DIGEST], struct err *e)
{
	autostr struct str text = {0};
	struct manifest manifest = {0};
	int r = check_version(layout, e);

	if (r == 0)
		r = read_beneath(layout, "index.json", &text, e);
	if (r == 0)
		r = add_manifest(store, layout, &text, tag, &manifest, ret_digest, e);
	if (r == 0 && manifest.config.size > IMAGE_JSON_MAX)
		r = err_set(e, EFBIG, "a configuration of more than %d bytes", IMAGE_JSON_MAX);
	if (r == 0)
		r = add_blob(store, layout, &manifest.config, e);
	for (size_t i = 0; r == 0 && i < manifest.count; i++)
		r = add_blob(store, layout, &manifest.entry[i], e);
	if (r == 0)
		r = add_layers(store, tools, &manifest, e);
	manifest_done(&manifest);
	return r;
}
