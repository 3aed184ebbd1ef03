/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-display-wire: what servers of displays, and their clients, say: whole, cut anywhere, and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "display/wayland-wire.h"
#include "display/x11-filter.h"
#include "display/x11-wire.h"

static const unsigned char cookie[COOKIE_SIZE] = "sixteen bytes it";

#define BYTES(text) (const unsigned char *)(text).s, (text).len

/* Whatever cookie a client has, or none: the server gets ours, in the client's order of bytes, and the rest as it came.
 */
static void check_cookie(bool big_endian, const void *own)
{
	autostr struct str said = {0}, expected = {0}, with = {0};

	x11_put_setup(big_endian, own, &said);
	for (size_t size = 0; size < said.len; size++)
		assert_int_equal(x11_with_cookie((unsigned char *)said.s, size, cookie, &with), 0);
	str_add(&said, "the rest");
	x11_put_setup(big_endian, cookie, &expected);
	str_add(&expected, "the rest");
	assert_int_equal(x11_with_cookie(BYTES(said), cookie, &with), 48);
	assert_int_equal(with.len, expected.len);
	assert_memory_equal(with.s, expected.s, with.len);
}

static void test_cookie(void **state)
{
	unsigned char other[COOKIE_SIZE] = "another's cookie", setup[12] = {'l', 0, 11, 0, 0, 0, 0xff, 0xff, 0, 0};
	autostr struct str none = {0};

	(void)state;
	check_cookie(false, NULL);
	check_cookie(false, other);
	check_cookie(true, NULL);
	check_cookie(true, other);
	assert_true(x11_with_cookie((const unsigned char *)"x", 1, cookie, &none) < 0);
	assert_true(x11_with_cookie(setup, sizeof setup, cookie, &none) < 0); /* nobody has a cookie that long */
	assert_int_equal(none.len, 0);
}

static void test_setup(void **state)
{
	static const unsigned char little[] = {'l', 0, 11, 0, 0, 0, 18, 0, 16, 0, 0, 0, 'M', 'I', 'T'},
				   big[] = {'B', 0, 0, 11, 0, 0, 0, 18, 0, 16, 0, 0, 'M', 'I', 'T'};
	autostr struct str out = {0}, other = {0};

	(void)state;
	x11_put_setup(false, cookie, &out);
	assert_int_equal(out.len, 12 + 20 + 16);
	assert_memory_equal(out.s, little, sizeof little);
	assert_memory_equal(out.s + 32, cookie, COOKIE_SIZE);
	x11_put_setup(true, cookie, &other);
	assert_memory_equal(other.s, big, sizeof big);
}

static void test_welcome(void **state)
{
	static const unsigned char good[8] = {1, 0, 11, 0, 0, 0, 2, 0}, bad[12] = {0, 2, 11, 0, 0, 0, 1, 0, 'N', 'o'},
				   lying[12] = {0, 200, 11, 0, 0, 0, 1, 0, 'N', 'o', '!', '!'};
	autostr struct str reason = {0}, other = {0};

	(void)state;
	for (size_t size = 0; size < 8; size++)
		assert_int_equal(x11_welcome_length(good, size, false), 0);
	assert_int_equal(x11_welcome_length(good, 8, false), 16);
	assert_int_equal(x11_welcome_length(good, 8, true), 8 + 4 * 0x200);
	assert_true(x11_welcome(good, 8, &reason));
	assert_false(x11_welcome(bad, sizeof bad, &reason));
	assert_string_equal(reason.s, "No");
	assert_false(x11_welcome(lying, sizeof lying, &other));
	assert_string_equal(other.s, "No!!");
}

/* What the relay hears of the server. */
static void test_range(void **state)
{
	unsigned char bytes[20] = {1, 0, 11, 0, 0, 0, 9, 0, 1, 2, 3, 4, 0, 0, 0x40, 0, 0xff, 0xff, 0x1f, 0};
	uint32_t base = 0, mask = 0;

	(void)state;
	assert_int_equal(x11_welcome_range(bytes, 0, false, &base, &mask), 0);
	assert_int_equal(x11_welcome_range(bytes, 19, false, &base, &mask), 0);
	assert_int_equal(x11_welcome_range(bytes, 20, false, &base, &mask), 1);
	assert_int_equal(base, 0x400000);
	assert_int_equal(mask, 0x1fffff);
	bytes[0] = 0;
	assert_true(x11_welcome_range(bytes, 1, false, &base, &mask) < 0);
}

static void test_answers(void **state)
{
	for (unsigned big = 0; big < 2; big++) {
		unsigned char bytes[64] = {1, 0, big ? 0x11 : 0x22, big ? 0x22 : 0x11};
		uint64_t heard = 0x21128;

		bytes[big ? 7 : 4] = 3;
		for (size_t size = 0; size < 32; size++)
			assert_int_equal(x11_answer(bytes, size, big, 0x31130, &heard), 0);
		assert_int_equal(x11_answer(bytes, 32, big, 0x21130, &heard), 44);
		assert_int_equal(heard, 0x21128); /* an older one: nothing is unheard */
		assert_int_equal(x11_answer(bytes, 64, big, 0x31122, &heard), 44);
		assert_int_equal(heard, 0x31122); /* the last that was sent */
		assert_int_equal(x11_answer(bytes, 64, big, 0x51121, &heard), 44);
		assert_int_equal(heard, 0x41122); /* the first of 65,536 */
		bytes[0] = 0x80 | 11;             /* of a keymap, which has no number, sent or not */
		assert_int_equal(x11_answer(bytes, 64, big, 0x61121, &heard), 32);
		assert_int_equal(heard, 0x41122);
		bytes[0] = 0x80 | 35;
		assert_int_equal(x11_answer(bytes, 64, big, 0x61121, &heard), 44);
		assert_int_equal(heard, 0x51122);
		bytes[0] = 0; /* an error has no length */
		assert_int_equal(x11_answer(bytes, 64, big, 0x51121, &heard), 32);
	}
	(void)state;
}

static void test_messages(void **state)
{
	unsigned char bytes[64] = {1};

	(void)state;
	for (size_t size = 0; size < 32; size++)
		assert_int_equal(x11_message_length(bytes, size), 0);
	assert_int_equal(x11_message_length(bytes, 32), 32);
	bytes[4] = 8;
	assert_int_equal(x11_message_length(bytes, 32), 64);
	bytes[7] = 1; /* 64 MB */
	assert_true(x11_message_length(bytes, 32) < 0);
	assert_int_equal(x11_sort(bytes), X11_REPLY);
	bytes[0] = 0; /* an error has no length */
	assert_int_equal(x11_message_length(bytes, 32), 32);
	assert_int_equal(x11_sort(bytes), X11_ERROR);
	bytes[0] = 34;
	assert_int_equal(x11_message_length(bytes, 32), 32);
	assert_int_equal(x11_sort(bytes), X11_EVENT);
	bytes[0] = 0x80 | 35; /* a generic event has one, sent or not */
	bytes[7] = 0;
	assert_int_equal(x11_message_length(bytes, 32), 64);
}

/* What the relay asks a server when it starts, and where the answers are. */
static void test_questions(void **state)
{
	static const unsigned char atom[] = {16, 0, 3, 0, 3, 0, 0, 0, 'A', 'B', 'C', 0},
				   window[] = {20, 0, 6, 0, 0xe9, 1, 0, 0, 44, 1, 0, 0,
					       33, 0, 0, 0, 0,    0, 0, 0, 1,  0, 0, 0};
	unsigned char setup[64] = {1, [24] = 5, [29] = 1, [56] = 0xe9, 1};
	autostr struct str out = {0}, other = {0}, third = {0};

	(void)state;
	x11_put_intern_atom("ABC", &out);
	assert_int_equal(out.len, sizeof atom);
	assert_memory_equal(out.s, atom, sizeof atom);
	x11_put_get_window(0x1e9, 300, &other);
	assert_int_equal(other.len, sizeof window);
	assert_memory_equal(other.s, window, sizeof window);
	x11_put_enable(133, &third);
	assert_int_equal(third.len, 4);
	assert_memory_equal(third.s, "\x85\0\1\0", 4);
	assert_int_equal(x11_root(setup, 60), 0x1e9);
	for (size_t size = 0; size < 60; size++)
		assert_int_equal(x11_root(setup, size), 0);
	assert_int_equal(x11_word(setup, 60, 56), 0x1e9);
	assert_int_equal(x11_word(setup, 59, 56), 0);
}

static void test_security(void **state)
{
	unsigned char reply[48] = {1, 0, 0, 0, 4, 0, 0, 0, 1, 137};
	struct x11_authorization made = {0};
	autostr struct str out = {0};

	(void)state;
	assert_int_equal(x11_extension(reply, 32), 137);
	assert_int_equal(x11_extension(reply, 31), 0);
	reply[8] = 0;
	assert_int_equal(x11_extension(reply, 32), 0);
	reply[8] = 0x78;
	reply[12] = COOKIE_SIZE;
	memcpy(reply + 32, cookie, COOKIE_SIZE);
	assert_true(x11_authorization(reply, sizeof reply, &made));
	assert_int_equal(made.id, 0x8978);
	assert_memory_equal(made.cookie, cookie, COOKIE_SIZE);
	assert_false(x11_authorization(reply, sizeof reply - 1, &made));
	reply[12] = COOKIE_SIZE + 1;
	assert_false(x11_authorization(reply, sizeof reply, &made));
	x11_put_generate(137, 30, &out);
	assert_int_equal(out.len, 40);
	assert_memory_equal(out.s, "\x89\x01\x0a\0\x12\0\0\0\x03\0\0\0MIT", 15);
	assert_memory_equal(out.s + 32, "\x1e\0\0\0\x01\0\0\0", 8);
	out.len = 0;
	x11_put_query_extension("SECURITY", &out);
	assert_int_equal(out.len, 16);
	assert_memory_equal(out.s, "\x62\0\x04\0\x08\0\0\0SECURITY", 16);
	out.len = 0;
	x11_put_revoke(137, 0x102, &out);
	assert_memory_equal(out.s, "\x89\x02\x02\0\x02\x01\0\0", 8);
}

/* --- Wayland --- */
static void global(struct str *out, const char *interface)
{
	const struct wayland_argument arguments[] = {{.number = 7}, {.text = interface}, {.number = 3}};

	wayland_put(2, 0, arguments, countof(arguments), out);
}

static void test_global(void **state)
{
	autostr struct str out = {0};
	struct wayland_global found = {0};
	struct wayland_event event;

	(void)state;
	global(&out, "wl_shm");
	assert_int_equal(out.len, 8 + 4 + 4 + 8 + 4);
	for (size_t size = 0; size < 8; size++)
		assert_int_equal(wayland_event_length((unsigned char *)out.s, size), 0);
	assert_int_equal(wayland_event_length(BYTES(out)), out.len);
	event = wayland_event(BYTES(out));
	assert_int_equal(event.object, 2);
	assert_int_equal(event.opcode, 0);
	assert_true(wayland_global(&event, &found));
	assert_string_equal(found.interface, "wl_shm");
	assert_int_equal(found.number, 7);
	assert_int_equal(found.version, 3);
	while (event.size--) /* cut anywhere */
		assert_false(wayland_global(&event, &found));
}

/* Texts without an end, with two, longer than the event, of no length. */
static void test_damaged(void **state)
{
	static const uint32_t lengths[] = {0, 6, 8, 9, 400, 0xfffffffd, 0xffffffff};
	autostr struct str out = {0};
	struct wayland_global found;
	struct wayland_event event;

	(void)state;
	global(&out, "wl_shm");
	for (size_t i = 0; i < countof(lengths); i++) {
		memcpy(out.s + 12, &lengths[i], 4);
		event = wayland_event(BYTES(out));
		assert_false(wayland_global(&event, &found));
	}
	memcpy(out.s + 12, "\x07\0\0\0", 4);
	out.s[18] = '\0';
	event = wayland_event(BYTES(out));
	assert_false(wayland_global(&event, &found));
	memcpy(out.s + 4, "\0\0\x07\0", 4); /* shorter than its header */
	assert_true(wayland_event_length(BYTES(out)) < 0);
	memcpy(out.s + 4, "\0\0\x0a\0", 4); /* no whole words */
	assert_true(wayland_event_length(BYTES(out)) < 0);
}

static void test_error(void **state)
{
	const struct wayland_argument arguments[] = {{.number = 5}, {.number = 1}, {.text = "no such thing"}};
	autostr struct str out = {0};
	struct wayland_event event;

	(void)state;
	wayland_put(WAYLAND_DISPLAY_ID, 0, arguments, countof(arguments), &out);
	event = wayland_event(BYTES(out));
	assert_string_equal(wayland_error(&event), "no such thing");
	event.size = 11;
	assert_string_equal(wayland_error(&event), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cookie),    cmocka_unit_test(test_setup),    cmocka_unit_test(test_welcome),
		cmocka_unit_test(test_range),     cmocka_unit_test(test_answers),  cmocka_unit_test(test_messages),
		cmocka_unit_test(test_questions), cmocka_unit_test(test_security), cmocka_unit_test(test_global),
		cmocka_unit_test(test_damaged),   cmocka_unit_test(test_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
