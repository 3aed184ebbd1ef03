/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/wayland.h"

#include <errno.h>

#include "base/mem.h"
#include "display/wayland-wire.h"

#define MANAGER "wp_security_context_manager_v1"

/* Our objects, in the order in which they are made, and the opcodes of requests and events. */
enum { REGISTRY = 2, FIRST_SYNC, MANAGER_ID, CONTEXT_ID, SECOND_SYNC };
enum { DISPLAY_SYNC = 0, DISPLAY_GET_REGISTRY = 1, REGISTRY_BIND = 0, MANAGER_CREATE_LISTENER = 1 };
enum { CONTEXT_DESTROY, CONTEXT_SET_ENGINE, CONTEXT_SET_APP_ID, CONTEXT_SET_INSTANCE_ID, CONTEXT_COMMIT };
enum { DISPLAY_ERROR = 0, REGISTRY_GLOBAL = 0, CALLBACK_DONE = 0 };

static void number(struct str *out, uint32_t object, uint16_t opcode, uint32_t value)
{
	const struct wayland_argument argument = {.number = value};

	wayland_put(object, opcode, &argument, 1, out);
}

static void text(struct str *out, uint32_t object, uint16_t opcode, const char *value)
{
	const struct wayland_argument argument = {.text = value};

	wayland_put(object, opcode, &argument, 1, out);
}

static int fail(const struct wayland_event *event, struct err *e)
{
	autostr struct str shown = {0};

	str_add_escaped(&shown, wayland_error(event), true);
	return err_set(e, EPROTO, "the compositor answers: %s", shown.s ? shown.s : "");
}

/* Sends, and reads up to the end of this sync; `manager` gets the number of what is looked for, if it is announced. */
static int exchange(struct stream *stream, const struct str *request, const int fds[2], uint32_t sync,
		    uint32_t *manager, struct err *e)
{
	int r = stream_send(stream, request, fds, fds ? 2 : 0, e);

	while (r >= 0) {
		const unsigned char *bytes;
		ssize_t size = stream_next(stream, wayland_event_length, &bytes, e);
		struct wayland_global global;
		struct wayland_event event;

		if (size < 0)
			return -e->code;
		event = wayland_event(bytes, (size_t)size);
		if (event.object == WAYLAND_DISPLAY_ID && event.opcode == DISPLAY_ERROR)
			return fail(&event, e);
		if (event.object == sync && event.opcode == CALLBACK_DONE)
			return 0;
		if (event.object != REGISTRY || event.opcode != REGISTRY_GLOBAL)
			continue;
		if (!wayland_global(&event, &global))
			return err_set(e, EPROTO, "what the compositor answers is damaged");
		if (str_eq(global.interface, MANAGER))
			*manager = global.number;
	}
	return r;
}

/* The number of what makes contexts. */
static int find_manager(const char *socket, struct stream *ret, uint32_t *ret_manager, struct err *e)
{
	autostr struct str request = {0};

	*ret_manager = 0;
	if (stream_open(socket, ret, e) < 0)
		return -e->code;
	number(&request, WAYLAND_DISPLAY_ID, DISPLAY_GET_REGISTRY, REGISTRY);
	number(&request, WAYLAND_DISPLAY_ID, DISPLAY_SYNC, FIRST_SYNC);
	if (exchange(ret, &request, NULL, FIRST_SYNC, ret_manager, e) < 0)
		return -e->code;
	return *ret_manager ? 0
			    : err_set(e, ENOTSUP, "the Wayland compositor does not isolate its clients (%s)", MANAGER);
}

int wayland_has_contexts(const char *socket, struct err *e)
{
	autostream struct stream stream = STREAM_NONE;
	uint32_t manager;

	return find_manager(socket, &stream, &manager, e);
}

int wayland_confine(const char *socket, int listener, int ends, const struct wayland_names *names, struct err *e)
{
	autostream struct stream stream = STREAM_NONE;
	autostr struct str request = {0};
	const int fds[2] = {listener, ends};
	uint32_t manager;

	if (find_manager(socket, &stream, &manager, e) < 0)
		return -e->code;
	{
		const struct wayland_argument bind[] = {
			{.number = manager}, {.text = MANAGER}, {.number = 1}, {.number = MANAGER_ID}};

		wayland_put(REGISTRY, REGISTRY_BIND, bind, countof(bind), &request);
	}
	number(&request, MANAGER_ID, MANAGER_CREATE_LISTENER, CONTEXT_ID); /* and the two fds */
	text(&request, CONTEXT_ID, CONTEXT_SET_ENGINE, names->engine);
	text(&request, CONTEXT_ID, CONTEXT_SET_APP_ID, names->app_id);
	text(&request, CONTEXT_ID, CONTEXT_SET_INSTANCE_ID, names->instance_id);
	wayland_put(CONTEXT_ID, CONTEXT_COMMIT, NULL, 0, &request);
	wayland_put(CONTEXT_ID, CONTEXT_DESTROY, NULL, 0, &request);
	number(&request, WAYLAND_DISPLAY_ID, DISPLAY_SYNC, SECOND_SYNC);
	return exchange(&stream, &request, fds, SECOND_SYNC, &manager, e);
}
