/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: the layers of an image are locked while it runs: `sbxctl image gc` leaves them. */
#include "run/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/sys.h"

static int hold(struct monitor *m, const char *path, struct err *e)
{
	int fd = sys_openat2(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	struct stat st;

	if (fd < 0)
		return err_errno(e, errno, "open the layer '%s'", path);
	m->layer[m->layers++] = fd;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? err_set(e, ESTALE, "the layer '%s' is being removed", path)
					    : err_errno(e, errno, "lock the layer '%s'", path);
	/* a `gc` may have had it between the two */
	return fstat(fd, &st) == 0 && !st.st_nlink ? err_set(e, ESTALE, "the layer '%s' was removed", path) : 0;
}

int image_hold(struct monitor *m, struct err *e)
{
	for (size_t i = 0; i < m->plan->count; i++) {
		const struct step *step = &m->plan->step[i];
		int r;

		if (step->kind != STEP_LAYER)
			continue;
		if (!m->layer)
			m->layer = xcalloc(m->plan->count, sizeof *m->layer);
		r = hold(m, plan_text(m->plan, step->a), e);
		if (r < 0)
			return err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name,
					  plan_text(m->plan, step->why));
	}
	return 0;
}

void image_let_go(struct monitor *m)
{
	while (m->layers)
		mem_close_ptr(&m->layer[--m->layers]);
	free(m->layer);
	m->layer = NULL;
}
