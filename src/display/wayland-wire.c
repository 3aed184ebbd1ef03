/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/wayland-wire.h"

#include <string.h>

#include "base/mem.h"

enum { HEADER = 8, SIZE_SHIFT = 16, OPCODE_MASK = 0xffff };

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static void put(struct str *out, uint32_t value)
{
	str_add_bytes(out, &value, sizeof value);
}

static uint32_t get(const unsigned char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

static void put_text(struct str *out, const char *text)
{
	size_t size = strlen(text) + 1;

	put(out, (uint32_t)size);
	str_add_bytes(out, text, size);
	str_add_bytes(out, "\0\0", padded(size) - size);
}

void wayland_put(uint32_t object, uint16_t opcode, const struct wayland_argument *arguments, size_t count,
		 struct str *out)
{
	autostr struct str body = {0};

	for (size_t i = 0; i < count; i++) {
		if (arguments[i].text)
			put_text(&body, arguments[i].text);
		else
			put(&body, arguments[i].number);
	}
	put(out, object);
	put(out, (uint32_t)(HEADER + body.len) << SIZE_SHIFT | opcode);
	if (body.len)
		str_add_bytes(out, body.s, body.len);
}

ssize_t wayland_event_length(const unsigned char *bytes, size_t size)
{
	uint32_t length;

	if (size < HEADER)
		return 0;
	length = get(bytes + 4) >> SIZE_SHIFT;
	return length < HEADER || length % 4 ? -1 : (ssize_t)length;
}

struct wayland_event wayland_event(const unsigned char *bytes, size_t size)
{
	return (struct wayland_event){.object = get(bytes),
				      .opcode = (uint16_t)(get(bytes + 4) & OPCODE_MASK),
				      .bytes = bytes + HEADER,
				      .size = size - HEADER};
}

/* What is left of the arguments of an event. */
struct rest {
	const unsigned char *bytes;
	size_t size;
};

static bool next_number(struct rest *rest, uint32_t *ret)
{
	if (rest->size < 4)
		return false;
	*ret = get(rest->bytes);
	rest->bytes += 4;
	rest->size -= 4;
	return true;
}

static bool next_text(struct rest *rest, const char **ret)
{
	const char *text;
	uint32_t length;

	if (!next_number(rest, &length) || !length || length > rest->size || padded(length) > rest->size)
		return false;
	text = (const char *)rest->bytes;
	if (memchr(text, '\0', length) != text + length - 1)
		return false;
	rest->bytes += padded(length);
	rest->size -= padded(length);
	*ret = text;
	return true;
}

bool wayland_global(const struct wayland_event *event, struct wayland_global *ret)
{
	struct rest rest = {event->bytes, event->size};

	return next_number(&rest, &ret->number) && next_text(&rest, &ret->interface) &&
	       next_number(&rest, &ret->version) && !rest.size;
}

const char *wayland_error(const struct wayland_event *event)
{
	struct rest rest = {event->bytes, event->size};
	uint32_t object, code;
	const char *text;

	return next_number(&rest, &object) && next_number(&rest, &code) && next_text(&rest, &text) ? text : "";
}
