/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "use-image.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "image/seal.h"

/* The store may be reached through a link; what is mounted is not. */
static void take_layers(const struct host *host, const struct image_store *store, const struct image *image,
			struct host_image *ret)
{
	autofree char *real = host_real(host, store->path);

	image_layers(store, image, real, &ret->layers);
	for (size_t i = 0; i < ret->layers.count; i++) {
		const char *layer = ret->layers.v[i];

		strv_take(&ret->locks, xstrndup(layer, strlen(layer) - strlen("/tree")));
	}
}

void use_image_config(struct host_image *image, const struct image_config *config)
{
	strv_add_all(&image->command, &config->entrypoint);
	strv_add_all(&image->command, &config->command);
	strv_add_all(&image->environment, &config->environment);
	image->folder = xstrdup(config->folder && config->folder[0] == '/' ? config->folder : "/");
}

/* The folder of the environment, or of /etc/passwd. */
static char *home_of(const struct host_image *image, const struct image_user *user)
{
	for (size_t i = 0; i < image->environment.count; i++)
		if (str_starts(image->environment.v[i], "HOME=/"))
			return xstrdup(image->environment.v[i] + strlen("HOME="));
	return xstrdup(user->home ? user->home : "/");
}

void use_image_user(struct host_image *image, struct image_user *user)
{
	image->uid = user->uid;
	image->gid = user->gid;
	image->home = home_of(image, user);
	image->user = take(user->name);
}

static int fill(const struct host *host, const struct image_store *store, const struct image *image,
		struct host_image *ret, struct err *e)
{
	const struct image_config *config = &image->config;
	struct image_user user = {0};
	int r;

	ret->digest = xstrdup(image->digest);
	take_layers(host, store, image, ret);
	use_image_config(ret, config);
	r = image_user_find(&ret->layers, config->user, &user, e);
	if (r == 0)
		r = image_root_names(&ret->layers, &ret->folders, &ret->files, e);
	if (r == 0)
		use_image_user(ret, &user);
	image_user_done(&user);
	return r;
}

int use_image(struct host *host, const char *ref, struct err *e)
{
	struct image_store store = IMAGE_STORE_NONE;
	struct image image = {0};
	int r;

	if (!host->images)
		return err_set(e, ENOENT, "the caller has no home, in which images would be");
	r = image_store_open(host->images, STORE_READ, &store, e);
	if (r < 0)
		return err_hint(e, "sbxctl image import makes one");
	r = image_open(&store, ref, &image, e);
	if (r == 0) {
		host->image = xcalloc(1, sizeof *host->image);
		r = fill(host, &store, &image, host->image, e);
	}
	image_done(&image);
	image_store_close(&store);
	if (r < 0)
		host_free_image(host);
	return r;
}
