/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/display.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "display/wayland.h"
#include "run/monitor.h"

/* Long enough for the relay to start, on a busy machine. From then on the cookie has a client, until sbx has ended. */
enum { UNUSED_SECONDS = 30 };

int display_x11(struct monitor *m, const struct step *step, struct err *e)
{
	struct held_displays *held = &m->services.displays;
	const void *cookie = step->size ? plan_text(m->plan, step->data) : NULL;
	struct x11_authorization made;
	autostr struct str file = {0};
	int major, r = x11_open(plan_text(m->plan, step->b), cookie, &held->x11, e);

	if (r < 0)
		return r;
	major = x11_security(&held->x11, e);
	if (major < 0)
		return major;
	r = x11_generate(&held->x11, (uint8_t)major, UNUSED_SECONDS, &made, e);
	if (r < 0)
		return r;
	held->x11_major = (uint8_t)major;
	held->x11_id = made.id;
	authority_add((int)step->n, made.cookie, &file);
	return services_write(m, plan_text(m->plan, step->a), file.s, file.len, e);
}

int display_wayland(struct monitor *m, const struct step *step, struct err *e)
{
	const char *engine = plan_text(m->plan, step->data), *app_id = engine + strlen(engine) + 1;
	const struct wayland_names names = {engine, app_id, app_id + strlen(app_id) + 1};
	autoclose int listener = services_listen(m, plan_text(m->plan, step->a), e), theirs = -1;
	int ends[2];

	if (listener < 0)
		return listener;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	theirs = ends[0];
	m->services.displays.wayland = ends[1];
	return wayland_confine(plan_text(m->plan, step->b), listener, theirs, &names, e);
}

void displays_end(struct monitor *m)
{
	struct held_displays *held = &m->services.displays;

	if (held->x11_id)
		x11_revoke(&held->x11, held->x11_major, held->x11_id);
	stream_close(&held->x11);
	mem_close_ptr(&held->wayland);
	held->x11_id = 0;
}
