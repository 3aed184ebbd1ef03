/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box: the memory that holds what is in a box. It is filled and emptied by the monitor's side, which gets it as an fd,
 * and the user namespace with it, in which all ids of the sandbox can be had. */
#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"
#include "base/mem.h"
#include "init/steps.h"
#include "plan/share.h"

static int hand_over(const struct sandbox *s, enum status_type type, int fd, struct err *e)
{
	const struct status status = {.type = type};
	int r = status_send(s->status, &status, fd);

	return r < 0 ? err_errno(e, -r, "hand the box to sbx") : 0;
}

/* In a template no /proc of the host is in sight, and the monitor has the namespace already. */
static int hand_over_user(const struct sandbox *s, struct err *e)
{
	autoclose int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	return user < 0 ? err_errno(e, errno, "open the user namespace") : hand_over(s, STATUS_USER_NAMESPACE, user, e);
}

int do_box(struct sandbox *s, const struct step *step, struct err *e)
{
	int r = s->share == SHARE_RUN ? 0 : hand_over_user(s, e);

	if (r < 0)
		return r;
	s->box = make_tmpfs(step->n, step->m, "0755", e);
	return s->box < 0 ? s->box : hand_over(s, STATUS_BOX, s->box, e);
}

int do_box_mount(struct sandbox *s, const struct step *step, struct err *e)
{
	int r = fd_give(s->box, "", plan_text(s->plan, step->b));

	if (r < 0)
		return err_errno(e, -r, "give the box to %s", plan_text(s->plan, step->b));
	r = mount_attributes(s->box, step->m, false, e);
	return r < 0 ? r : mount_on(s, s->box, plan_text(s->plan, step->a), e);
}
