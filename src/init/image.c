/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: the layers become the root. Overlayfs takes its folders as texts, and a layer may have any path: each is
 * opened first, without following a link, and named by its fd. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "init/steps.h"

enum { OPTIONS_MAX = 4096 /* a page, as mount(2) takes it */, FD_PATH = 32 };

static void fd_path(int fd, char ret[FD_PATH])
{
	(void)snprintf(ret, FD_PATH, "/proc/self/fd/%d", fd);
}

static int add_layer(const char *path, int *ret_fd, char *options, size_t *len, struct err *e)
{
	char text[FD_PATH];
	int n;

	*ret_fd = sys_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (*ret_fd < 0)
		return err_errno(e, errno, "open '%s'", path);
	fd_path(*ret_fd, text);
	n = snprintf(options + *len, OPTIONS_MAX - *len, ":%s", text);
	if (n < 0 || (size_t)n >= OPTIONS_MAX - *len)
		return err_set(e, E2BIG, "the image has too many layers");
	*len += (size_t)n;
	return 0;
}

/* userxattr: the attributes that the owner of a user namespace may set. */
static int make_options(struct sandbox *s, const struct step *step, int *fds, char *options, struct err *e)
{
	static const char begin[] = "userxattr,lowerdir=";
	const char *data = plan_text(s->plan, step->data);
	size_t len = sizeof begin - 2; /* the first colon will be the sign of equality's */
	char scratch[FD_PATH];
	int n;

	memcpy(options, begin, sizeof begin);
	for (uint32_t at = 0; at < step->size; at += (uint32_t)strlen(data + at) + 1) {
		int r = add_layer(data + at, fds++, options, &len, e);

		if (r < 0)
			return r;
	}
	options[sizeof begin - 2] = '=';
	if (mkdirat(s->scratch, "image", 0755) < 0 || mkdirat(s->scratch, "image.work", 0755) < 0)
		return err_errno(e, errno, "make the folders for what is written");
	fd_path(s->scratch, scratch);
	n = snprintf(options + len, OPTIONS_MAX - len, ",upperdir=%s/image,workdir=%s/image.work", scratch, scratch);
	return n < 0 || (size_t)n >= OPTIONS_MAX - len ? err_set(e, E2BIG, "the image has too many layers") : 0;
}

/* It lies in the tmpfs that was the root, and takes its place. */
static int mount_image(struct sandbox *s, const char *options, struct err *e)
{
	autoclose int point = -1;
	char path[FD_PATH];
	int image;

	if (mkdirat(s->root.fd, "image", 0755) < 0)
		return err_errno(e, errno, "make a mount point");
	point = openat(s->root.fd, "image", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd_path(point, path);
	if (point < 0 || mount("overlay", path, "overlay", MS_NOSUID | MS_NODEV, options) < 0) {
		(void)err_errno(e, errno, "mount an overlayfs of the image's layers");
		return e->code == EPERM || e->code == ENODEV
			       ? err_hint(e, "in a user namespace it needs Linux 5.11 or newer, "
					     "and the kernel's module overlay")
			       : -e->code;
	}
	image = openat(s->root.fd, "image", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (image < 0)
		return err_errno(e, errno, "open the image's root");
	mem_close_ptr(&s->root.parent);
	s->root.parent = -1;
	(void)close(s->root.fd);
	s->root.fd = image;
	return 0;
}

int do_image(struct sandbox *s, const struct step *step, struct err *e)
{
	char options[OPTIONS_MAX];
	int layers[PLAN_MAX_LAYERS], r;

	for (size_t i = 0; i < countof(layers); i++)
		layers[i] = -1;
	r = make_options(s, step, layers, options, e);
	if (r == 0)
		r = mount_image(s, options, e);
	for (size_t i = 0; i < countof(layers); i++)
		mem_close_ptr(&layers[i]);
	return r;
}
