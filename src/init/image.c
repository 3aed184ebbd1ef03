/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: the layers of an image become the root. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "init/overlayfs.h"

static int add_layers(struct sandbox *s, const struct step *step, struct overlay_layers *l, struct err *e)
{
	const struct stat like = {.st_mode = 0755, .st_uid = geteuid(), .st_gid = getegid()};
	const char *data = plan_text(s->plan, step->data);
	uint32_t first = step->m ? (uint32_t)strlen(data) + 1 : 0;
	int r = step->size ? 0 : overlay_add_mount(s, l, s->image, e);

	for (uint32_t at = first; r == 0 && at < step->size; at += (uint32_t)strlen(data + at) + 1)
		r = overlay_add_lower(l, data + at, e);
	if (r < 0)
		return r;
	return step->m ? overlay_write_to(l, data, e) : overlay_write_scratch(s, l, &like, e);
}

/* It lies in the tmpfs that was the root, and takes its place. */
static int become_root(struct sandbox *s, int mount, struct err *e)
{
	if (mkdirat(s->root.fd, "image", 0755) < 0)
		return err_errno(e, errno, "make a mount point");
	if (sys_move_mount(mount, s->root.fd, "image") < 0)
		return err_errno(e, errno, "put the image onto the root");
	mem_close_ptr(&s->root.parent);
	s->root.parent = -1;
	(void)close(s->root.fd);
	s->root.fd = mount;
	return 0;
}

int do_image(struct sandbox *s, const struct step *step, struct err *e)
{
	struct overlay_layers l = OVERLAY_LAYERS_NONE;
	autoclose int fd = -1;
	int r = add_layers(s, step, &l, e);

	if (r == 0)
		r = fd = overlay_mount(s, &l, e);
	overlay_layers_done(&l);
	if (r >= 0)
		r = mount_attributes(fd, step->n, false, e);
	if (r >= 0)
		r = become_root(s, fd, e);
	if (r >= 0)
		fd = -1;
	return r;
}
