/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/overlay.h"

#include <string.h>

#include "base/mem.h"
#include "session/session.h"

static int make(const struct session *session, const struct plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];
		bool image = step->kind == STEP_IMAGE && step->m;
		const char *folder = plan_text(plan, step->data);
		int r;

		if (!image && (step->kind != STEP_OVERLAY || !step->size))
			continue;
		r = session_overlay_make(session, strrchr(folder, '/') + 1, plan_text(plan, image ? step->b : step->a),
					 e);
		if (r < 0)
			return r;
	}
	return 0;
}

int overlays_open(struct monitor *m, struct err *e)
{
	const struct step *step = plan_find(m->plan, STEP_OPEN_SESSION);
	struct session session = SESSION_NONE;
	int r;

	if (!step)
		return 0;
	r = session_open(plan_text(m->plan, step->a), SESSION_MAKE, &session, e);
	if (r == 0) {
		r = make(&session, m->plan, e);
		m->session = take_fd(&session.folder);
	}
	session_close(&session);
	return r < 0 ? err_prefix(e, "step %td, %s (%s)", step - m->plan->step + 1, step_info[step->kind].name,
				  plan_text(m->plan, step->why))
		     : 0;
}
