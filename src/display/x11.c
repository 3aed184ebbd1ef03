/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11.h"

#include <errno.h>

static ssize_t welcome_length(const unsigned char *bytes, size_t size)
{
	return x11_welcome_length(bytes, size, false);
}

int x11_open(const char *socket, const void *cookie, struct stream *ret, struct err *e)
{
	autostream struct stream stream = STREAM_NONE;
	autostr struct str setup = {0}, reason = {0}, shown = {0};
	const unsigned char *answer;
	ssize_t size;

	if (stream_open(socket, &stream, e) < 0)
		return -e->code;
	x11_put_setup(false, cookie, &setup);
	if (stream_send(&stream, &setup, NULL, 0, e) < 0)
		return -e->code;
	size = stream_next(&stream, welcome_length, &answer, e);
	if (size < 0)
		return -e->code;
	if (!x11_welcome(answer, (size_t)size, &reason)) {
		str_add(&reason, "");
		str_add_escaped(&shown, reason.s, true);
		return err_set(e, EACCES, "the X11 server does not let the caller in: %s", shown.s);
	}
	*ret = stream;
	stream = (struct stream)STREAM_NONE;
	return 0;
}

ssize_t x11_reply(struct stream *stream, const unsigned char **ret, struct err *e)
{
	ssize_t size = 0;

	while (size >= 0) {
		size = stream_next(stream, x11_message_length, ret, e);
		if (size > 0 && x11_sort(*ret) == X11_REPLY)
			return size;
		if (size > 0 && x11_sort(*ret) == X11_ERROR)
			return err_set(e, EPROTO, "the X11 server answers with error %u", (*ret)[1]);
	}
	return size;
}

ssize_t x11_ask(struct stream *stream, const struct str *request, const unsigned char **ret, struct err *e)
{
	int r = stream_send(stream, request, NULL, 0, e);

	return r < 0 ? r : x11_reply(stream, ret, e);
}

int x11_extension_code(struct stream *stream, const char *name, struct err *e)
{
	autostr struct str request = {0};
	const unsigned char *reply;
	ssize_t size;

	x11_put_query_extension(name, &request);
	size = x11_ask(stream, &request, &reply, e);
	return size < 0 ? -e->code : x11_extension(reply, (size_t)size);
}

int x11_security(struct stream *stream, struct err *e)
{
	int major = x11_extension_code(stream, "SECURITY", e);

	return major ? major : err_set(e, ENOTSUP, "the X11 server has no SECURITY extension");
}

int x11_generate(struct stream *stream, uint8_t major, uint32_t seconds, struct x11_authorization *ret, struct err *e)
{
	autostr struct str request = {0};
	const unsigned char *reply;
	ssize_t size;

	x11_put_generate(major, seconds, &request);
	size = x11_ask(stream, &request, &reply, e);
	if (size < 0)
		return err_prefix(e, "ask for a cookie of untrusted clients");
	return x11_authorization(reply, (size_t)size, ret)
		       ? 0
		       : err_set(e, EPROTO, "what the X11 server answers is no cookie");
}

void x11_revoke(struct stream *stream, uint8_t major, uint32_t id)
{
	autostr struct str request = {0};
	struct err none = {0};

	x11_put_revoke(major, id, &request);
	/* When it can't be told, the cookie ends by its timeout. */
	if (stream_send(stream, &request, NULL, 0, &none) == 0)
		stream_finish(stream);
}
