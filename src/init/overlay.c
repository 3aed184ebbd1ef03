/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlay: a folder of the host of which a copy is written. */
#include <errno.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "init/overlayfs.h"

/* The upper folder is at the top of what is seen, so it is like the lower one. */
static int add_layers(struct sandbox *s, const struct step *step, struct overlay_layers *l, struct err *e)
{
	struct stat st;
	int r = overlay_add_lower(l, plan_text(s->plan, step->a), e);

	if (r < 0)
		return r;
	if (step->size)
		return overlay_write_to(l, plan_text(s->plan, step->data), e);
	return fstat(l->lower[0], &st) < 0 ? err_errno(e, errno, "look at the folder")
					   : overlay_write_scratch(s, l, &st, e);
}

int do_overlay(struct sandbox *s, const struct step *step, struct err *e)
{
	struct overlay_layers l = OVERLAY_LAYERS_NONE;
	autoclose int fd = -1;
	int r = add_layers(s, step, &l, e);

	if (r == 0)
		r = overlay_check_attributes(&l, e);
	if (r == 0) {
		r = fd = overlay_mount(s, &l, e);
		if (r < 0)
			(void)err_prefix(e, "'%s'", plan_text(s->plan, step->a));
	}
	overlay_layers_done(&l);
	if (r >= 0)
		r = mount_attributes(fd, step->n, false, e);
	return r < 0 ? r : mount_on(s, fd, plan_text(s->plan, step->b), e);
}
