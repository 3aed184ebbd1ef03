/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-display: the first byte says what the others are. 'c': what a client of X11 says first; second readings find the
 * same cookie's place and the same rest. 'f': what it asks later. 'x': what the X11 server says. 'w': what a Wayland
 * compositor says; a second reading finds the same interfaces. 'a': a file of Xauthority. Nothing is read behind the
 * end. */
#include <string.h>

#include "base/mem.h"
#include "display/authority.h"
#include "display/wayland-wire.h"
#include "display/x11-filter.h"
#include "display/x11-wire.h"
#include "tests/fuzz/fuzz.h"

static const unsigned char cookie[COOKIE_SIZE] = "sixteen bytes it";

/* In memory of just this size, so that a reader that goes too far is seen. */
static unsigned char *exact(const uint8_t *data, size_t size)
{
	unsigned char *bytes = xmalloc(size ? size : 1);

	memcpy(bytes, data, size);
	return bytes;
}

static uint64_t number(const uint8_t *bytes, unsigned size, bool big_endian)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | bytes[big_endian ? i : size - 1 - i];
	return value;
}

static void client(const unsigned char *bytes, size_t size)
{
	autostr struct str with = {0}, setup = {0};
	ssize_t r = x11_with_cookie(bytes, size, cookie, &with);
	bool big = size && bytes[0] == 'B';
	uint64_t name, data, whole;

	FUZZ_CHECK((r > 0) == (with.len > 0));
	if (size && bytes[0] != 'l' && !big) {
		FUZZ_CHECK(r < 0);
		return;
	}
	if (size < 12) {
		FUZZ_CHECK(r == 0);
		return;
	}
	name = number(bytes + 6, 2, big);
	data = number(bytes + 8, 2, big);
	whole = 12 + (name + 3) / 4 * 4 + (data + 3) / 4 * 4;
	FUZZ_CHECK((r > 0) == (whole <= size && whole <= 4096));
	if (r <= 0)
		return;
	x11_put_setup(big, cookie, &setup);
	FUZZ_CHECK(with.len == setup.len + (size - whole) && memcmp(with.s, setup.s, setup.len) == 0);
	FUZZ_CHECK(fuzz_wrong ? with.s[0] != bytes[0] : with.s[0] == (char)bytes[0]);
}

static bool is_foreign(const void *arg, uint32_t id)
{
	(void)arg;
	return id >> 21 > 1;
}

/* What is copied and dragged. */
static bool is_given(uint64_t selection)
{
	return selection == 1 || selection == 2 || selection == 200 || selection == 201;
}

/* Requests keep their lengths, whatever is changed in them; a second look finds nothing more to change. */
static void requests(unsigned char *bytes, size_t size)
{
	static const struct x11_owners owners = {is_foreign, NULL};
	static const struct x11_known known = {133, 136, 1 << 20, {200, 201, 202, 203, 204, 205}, 0x60000f};
	bool big = size && (bytes[0] & 0xdf) == 'B', extended = size && bytes[0] & 0x20;
	const struct x11_client client = {big, extended, &owners, &known};

	for (size_t at = 1; at < size;) {
		uint64_t said = size - at < 4 ? 0 : 4 * number(bytes + at + 2, 2, big), skipped = 0, looked;
		unsigned char before[100];
		ssize_t length;

		if (extended && !said && size - at >= 8) {
			said = 4 * (uint64_t)(uint32_t)number(bytes + at + 4, 4, big);
			skipped = 4;
		}
		looked = said < 96 + skipped ? said : 96 + skipped;
		length = x11_filter(bytes + at, size - at, &client);
		FUZZ_CHECK((length > 0) == (said >= 4 + skipped && looked <= size - at &&
					    (!skipped || said <= 4 * (uint64_t)known.longest)));
		if (length <= 0)
			return;
		FUZZ_CHECK((uint64_t)length == said);
		memcpy(before, bytes + at, looked);
		FUZZ_CHECK(x11_filter(bytes + at, size - at, &client) == length);
		FUZZ_CHECK(memcmp(before, bytes + at, looked) == 0);
		FUZZ_CHECK(bytes[at] != 31 || said - skipped != 16); /* no grab of the keyboard, or of the server */
		FUZZ_CHECK(bytes[at] != 36 && bytes[at] != 41 && bytes[at] != 107 && bytes[at] != 112 &&
			   bytes[at] != 115);
		FUZZ_CHECK(bytes[at] < 128 || bytes[at] == 133 || bytes[at] == 136);
		if (bytes[at] == 22 && said >= 12 + skipped) /* SetSelectionOwner */
			FUZZ_CHECK(is_given(number(bytes + at + skipped + 8, 4, big)));
		if (bytes[at] == 73 && said >= 8 + skipped) /* GetImage */
			FUZZ_CHECK(!is_foreign(NULL, (uint32_t)number(bytes + at + skipped + 4, 4, big)));
		at += said;
	}
}

static void server(const unsigned char *bytes, size_t size)
{
	autostr struct str reason = {0};
	uint64_t heard = 0;
	ssize_t length = x11_welcome_length(bytes, size, false);
	struct x11_authorization made;

	if (length <= 0 || (size_t)length > size)
		return;
	if (!x11_welcome(bytes, (size_t)length, &reason))
		FUZZ_CHECK(reason.len < 256);
	for (size_t at = (size_t)length; at < size; at += (size_t)length) {
		length = x11_message_length(bytes + at, size - at);
		FUZZ_CHECK(length <= 32 + 65535 * 4);
		if (length <= 0 || (size_t)length > size - at)
			return;
		FUZZ_CHECK(length >= 32 && length % 4 == 0);
		FUZZ_CHECK(x11_answer(bytes + at, size - at, false, heard + 65535, &heard) == length);
		if (x11_sort(bytes + at) == X11_ERROR)
			FUZZ_CHECK(length == 32);
		(void)x11_extension(bytes + at, (size_t)length);
		if (x11_authorization(bytes + at, (size_t)length, &made))
			FUZZ_CHECK(length >= 32 + COOKIE_SIZE &&
				   memcmp(made.cookie, bytes + at + 32, COOKIE_SIZE) == 0);
	}
}

/* Number, text, version: nothing before, between and after. */
static bool is_global(const struct wayland_event *event, uint64_t *ret_length)
{
	uint64_t length = event->size >= 8 ? number(event->bytes + 4, 4, false) : 0;

	*ret_length = length;
	return length && event->size == 4 + 4 + (length + 3) / 4 * 4 + 4 && event->bytes[8 + length - 1] == '\0' &&
	       !memchr(event->bytes + 8, '\0', length - 1);
}

static void compositor(const unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t length = wayland_event_length(bytes + at, size - at);
		struct wayland_global found;
		struct wayland_event event;
		uint64_t text;

		if (length <= 0 || (size_t)length > size - at)
			return;
		event = wayland_event(bytes + at, (size_t)length);
		FUZZ_CHECK(wayland_global(&event, &found) == is_global(&event, &text));
		if (is_global(&event, &text))
			FUZZ_CHECK(strlen(found.interface) == text - 1);
		FUZZ_CHECK(strlen(wayland_error(&event)) < event.size + 1);
		at += (size_t)length;
	}
}

static void authority(const unsigned char *bytes, size_t size)
{
	unsigned char found[COOKIE_SIZE];
	autostr struct str file = {0};

	if (!authority_find(bytes, size, 12, found))
		return;
	authority_add(12, found, &file); /* what was found can be written, and is found again */
	memset(found, 0, sizeof found);
	FUZZ_CHECK(authority_find(file.s, file.len, 12, found));
	FUZZ_CHECK(memcmp(found, file.s + file.len - COOKIE_SIZE, COOKIE_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree unsigned char *bytes = NULL;

	if (!size)
		return 0;
	bytes = exact(data + 1, size - 1);
	switch (data[0]) {
	case 'c':
		client(bytes, size - 1);
		break;
	case 'f':
		requests(bytes, size - 1);
		break;
	case 'x':
		server(bytes, size - 1);
		break;
	case 'w':
		compositor(bytes, size - 1);
		break;
	case 'a':
		authority(bytes, size - 1);
		break;
	default:
		break;
	}
	return 0;
}
