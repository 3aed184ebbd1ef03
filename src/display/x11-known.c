/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-known.h"

#include <errno.h>

#include "base/mem.h"

static const char *const names[X11_ATOMS] = {
	[X11_CLIPBOARD] = "CLIPBOARD",          [X11_DND] = "XdndSelection",
	[X11_PROTOCOLS] = "WM_PROTOCOLS",       [X11_NAME] = "_NET_WM_NAME",
	[X11_SETTINGS] = "_XSETTINGS_SETTINGS", [X11_MANAGER] = "_NET_SUPPORTING_WM_CHECK",
};

/* The answers to all of them come at once, in their order. */
static int ask_atoms(struct stream *stream, struct x11_known *known, struct err *e)
{
	autostr struct str request = {0};
	const unsigned char *reply;
	int r;

	for (size_t i = 0; i < countof(names); i++)
		x11_put_intern_atom(names[i], &request);
	r = stream_send(stream, &request, NULL, 0, e);
	for (size_t i = 0; r == 0 && i < countof(names); i++) {
		ssize_t size = x11_reply(stream, &reply, e);

		if (size < 0)
			r = (int)size;
		else
			known->atom[i] = x11_word(reply, (size_t)size, X11_ATOM_AT);
	}
	return r;
}

static int ask_longest(struct stream *stream, struct x11_known *known, struct err *e)
{
	autostr struct str request = {0};
	const unsigned char *reply;
	ssize_t size;

	known->longest = UINT16_MAX;
	if (!known->big_requests)
		return 0;
	x11_put_enable(known->big_requests, &request);
	size = x11_ask(stream, &request, &reply, e);
	if (size < 0)
		return (int)size;
	known->longest = x11_word(reply, (size_t)size, X11_LONGEST_AT);
	return 0;
}

static int ask_manager(struct stream *stream, uint32_t root, struct x11_known *known, struct err *e)
{
	autostr struct str request = {0};
	const unsigned char *reply;
	ssize_t size;

	x11_put_get_window(root, known->atom[X11_MANAGER], &request);
	size = x11_ask(stream, &request, &reply, e);
	if (size < 0)
		return (int)size;
	known->manager = x11_word(reply, (size_t)size, X11_VALUE_AT);
	return 0;
}

int x11_know(struct stream *stream, struct x11_known *ret, struct err *e)
{
	uint32_t root = x11_root(stream->bytes, stream->used);
	int r = x11_extension_code(stream, "BIG-REQUESTS", e);

	*ret = (struct x11_known){.big_requests = (uint8_t)(r > 0 ? r : 0)};
	if (r >= 0)
		r = x11_extension_code(stream, "XC-MISC", e);
	ret->misc = (uint8_t)(r > 0 ? r : 0);
	if (r >= 0)
		r = ask_atoms(stream, ret, e);
	if (r == 0)
		r = ask_longest(stream, ret, e);
	return r == 0 ? ask_manager(stream, root, ret, e) : r;
}
