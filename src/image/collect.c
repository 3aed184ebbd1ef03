/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* collect: what no name leads to is removed, but for layers that are in use. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "image/image.h"

/* All digests that an image leads to. One that can't be read is an error: nothing is removed then. */
static int add_kept(const struct image_store *store, const char *ref, struct strv *kept, struct err *e)
{
	struct image image = {0};
	int r = image_open(store, ref, &image, e);

	if (r < 0)
		return r;
	strv_add(kept, image.digest);
	strv_add(kept, image.manifest.config.digest);
	for (size_t i = 0; i < image.manifest.count; i++)
		strv_add(kept, image.manifest.entry[i].digest);
	image_done(&image);
	return 0;
}

static bool is_kept(const struct strv *kept, const char *hex)
{
	for (size_t i = 0; i < kept->count; i++)
		if (str_eq(digest_hex(kept->v[i]), hex))
			return true;
	return false;
}

static int names_of(const struct image_store *store, const char *path, struct strv *ret, struct err *e)
{
	autoclose int folder = openat(store->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autolist DIR *list = folder < 0 ? NULL : fd_list(folder);
	const struct dirent *entry;

	if (!list)
		return err_errno(e, errno, "read '%s' in the store of images", path);
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.')
			strv_add(ret, entry->d_name);
	return 0;
}

static int remove_blobs(const struct image_store *store, const struct strv *kept, struct collected *ret, struct err *e)
{
	autostrv struct strv names = {0};
	int r = names_of(store, "blobs/sha256", &names, e);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		autofree char *path = xasprintf("blobs/sha256/%s", names.v[i]);
		struct stat st;

		if (is_kept(kept, names.v[i]))
			continue;
		if (fstatat(store->folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
			ret->bytes += (uint64_t)st.st_size;
		r = store_clear(store, path, e);
		ret->blobs += r == 0;
	}
	return r;
}

/* Renamed first: a layer is whole, or it is none. Whoever runs an image has its layers locked. */
static int remove_layer(const struct image_store *store, const char *name, struct collected *ret, struct err *e)
{
	autofree char *path = xasprintf("layers/%s", name), *gone = xasprintf("tmp/%s", name);
	autoclose int folder = openat(store->folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (folder < 0 && (errno == ENOTDIR || errno == ELOOP))
		return store_clear(store, path, e); /* no layer, whatever it is */
	if (folder < 0)
		return err_errno(e, errno, "open '%s' in the store of images", path);
	if (flock(folder, LOCK_EX | LOCK_NB) < 0) {
		ret->busy++;
		return errno == EWOULDBLOCK ? 0 : err_errno(e, errno, "lock '%s' in the store of images", path);
	}
	r = renameat(store->folder, path, store->folder, gone) < 0
		    ? err_errno(e, errno, "remove '%s' of the store of images", path)
		    : store_clear(store, gone, e);
	ret->layers += r == 0;
	return r;
}

/* What sessions have changes of is left; one that has gone already is none. */
static int add_used(const struct image_store *store, const struct strv *used, struct strv *kept, uint64_t *count,
		    struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < used->count; i++) {
		bool named = strv_has(kept, used->v[i]);

		r = named ? 0 : add_kept(store, used->v[i], kept, e);
		*count += !named && r == 0;
		if (r == -ENOENT) {
			err_clear(e);
			r = 0;
		}
	}
	return r;
}

int store_collect(const struct image_store *store, const struct strv *used, struct collected *ret, struct err *e)
{
	autostrv struct strv refs = {0}, kept = {0}, layers = {0};
	int r = store_refs(store, &refs, e);

	for (size_t i = 0; r == 0 && i < refs.count; i++)
		r = add_kept(store, refs.v[i], &kept, e);
	if (r == 0)
		r = add_used(store, used, &kept, &ret->used, e);
	if (r == 0)
		r = names_of(store, "layers", &layers, e);
	for (size_t i = 0; r == 0 && i < layers.count; i++)
		if (!is_kept(&kept, layers.v[i]))
			r = remove_layer(store, layers.v[i], ret, e);
	return r < 0 ? r : remove_blobs(store, &kept, ret, e);
}
