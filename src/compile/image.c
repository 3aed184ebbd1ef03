/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: the root of an image, with what is the sandbox's own on it: /proc, /dev, /tmp and the folder for sockets. All
 * else is the image's, and what is written there goes to memory, or to a session. */
#include <string.h>

#include "base/mem.h"
#include "base/sys.h"
#include "compile/context.h"
#include "compile/view.h"

static bool is_own(const char *name)
{
	static const char *const own[] = {"proc", "dev", "tmp", "sys"};

	for (size_t i = 0; i < countof(own); i++)
		if (str_eq(name, own[i]))
			return true;
	return false;
}

static void show(struct context *c, const struct strv *names, enum node_type type, const char *text)
{
	for (size_t i = 0; i < names->count; i++) {
		autofree char *path = xasprintf("/%s", names->v[i]);

		if (!is_own(names->v[i]))
			view_add(c, VIEW_IMAGE, path, NULL, 0, text)->type = type;
	}
}

void compile_image(struct context *c)
{
	autofree char *runtime = xasprintf("/run/user/%u", c->inner_uid);
	char buf[WHY_SIZE];
	const char *text = why(c, SET_filesystem_image, buf);

	show(c, &c->host->image->folders, NODE_FOLDER, text);
	show(c, &c->host->image->files, NODE_FILE, text);
	view_add(c, VIEW_SCRATCH, "/tmp", NULL, 0, text)->mode = 01777;
	view_add(c, VIEW_SCRATCH, "/dev/shm", NULL, 0, text)->mode = 01777;
	view_add(c, VIEW_SCRATCH, runtime, NULL, 0, text)->mode = 0700;
	view_add(c, VIEW_HOLLOW, "/dev", NULL, 0, text);
	view_add(c, VIEW_PROC, "/proc", NULL, 0, text);
}

void compile_image_user(struct context *c)
{
	const struct host_image *image = c->host->image;

	c->inner_home = xstrdup(c->inner_uid == image->uid ? image->home : "/");
	if (c->inner_uid != image->uid || !image->user || c->isolated)
		return;
	mem_free_ptr(&c->inner_user);
	c->inner_user = xstrdup(image->user);
}

void compile_image_root(struct context *c)
{
	const struct host_image *image = c->host->image;
	autofree char *written = image ? compile_image_session(c) : NULL;
	autostr struct str layers = {0};
	char buf[WHY_SIZE];
	const char *text = why(c, SET_filesystem_image, buf);

	if (!image)
		return;
	for (size_t i = 0; i < image->locks.count; i++)
		plan_add(c->plan, STEP_LAYER, text, image->locks.v[i], NULL, 0, 0);
	if (written)
		str_add_bytes(&layers, written, strlen(written) + 1);
	for (size_t i = 0; i < image->layers.count; i++)
		str_add_bytes(&layers, image->layers.v[i], strlen(image->layers.v[i]) + 1);
	plan_add(c->plan, STEP_IMAGE, text, policy_text(c->policy, SET_filesystem_image), image->digest,
		 ATTR_NOSUID | ATTR_NODEV, written != NULL);
	if (layers.len)
		plan_data(c->plan, layers.s, layers.len);
	plan_add(c->plan, STEP_MKDIR, "default", "/proc", NULL, 0755, 1);
}
