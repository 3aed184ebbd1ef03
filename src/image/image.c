/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int image_open(const struct image_store *store, const char *ref, struct image *ret, struct err *e)
{
	struct image image = {0};
	autostr struct str text = {0};
	int r = store_find(store, ref, image.digest, e);

	if (r == 0)
		r = store_text(store, image.digest, &text, e);
	if (r == 0)
		r = manifest_read(&text, &image.manifest, e);
	if (r == 0 && image.manifest.is_index)
		r = err_set(e, EBADMSG, "'%s' is an index", image.digest);
	text.len = 0;
	if (r == 0)
		r = store_text(store, image.manifest.config.digest, &text, e);
	if (r == 0)
		r = image_config_read(&text, &image.config, e);
	if (r < 0) {
		image_done(&image);
		return err_prefix(e, "image '%s'", ref);
	}
	image.name = xstrdup(ref);
	*ret = image;
	return 0;
}

void image_done(struct image *image)
{
	manifest_done(&image->manifest);
	image_config_done(&image->config);
	free(image->name);
	*image = (struct image){0};
}

static int verify_blob(const struct image_store *store, const char *digest, struct err *e)
{
	autoclose int fd = store_blob(store, digest, e);
	struct descriptor is = {0};
	int r = fd < 0 ? fd : digest_copy(fd, -1, INT64_MAX, &is, e);

	return r == 0 && !str_eq(is.digest, digest)
		       ? err_set(e, EBADMSG, "blob '%s' has the digest '%s': it was changed", digest, is.digest)
		       : r;
}

int image_verify(const struct image_store *store, const struct image *image, struct err *e)
{
	const struct strv *diff_ids = &image->config.diff_ids;
	int r = verify_blob(store, image->digest, e);

	if (r == 0)
		r = verify_blob(store, image->manifest.config.digest, e);
	if (r == 0 && diff_ids->count != image->manifest.count)
		r = err_set(e, EBADMSG, "the configuration has %zu diff_ids, and the manifest %zu layers",
			    diff_ids->count, image->manifest.count);
	for (size_t i = 0; r == 0 && i < image->manifest.count; i++) {
		r = verify_blob(store, image->manifest.entry[i].digest, e);
		if (r == 0)
			r = layer_check(store, image->manifest.entry[i].digest, diff_ids->v[i], e);
	}
	return r;
}
