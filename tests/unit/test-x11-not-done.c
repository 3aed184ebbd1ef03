/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-x11-not-done: requests that name nothing of another's, and by which a client would have what is everybody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/unit/x11-made.h"

/* What becomes of a request of these words, and of the first of them. */
static unsigned char becomes(unsigned char opcode, const uint32_t *words, size_t count)
{
	unsigned char seen[2];

	for (unsigned big = 0; big < 2; big++) {
		struct made m;

		head(&m, big, opcode, 0, (uint16_t)(count + 1));
		for (size_t i = 0; i < count; i++)
			word(&m, words[i]);
		filter(&m);
		seen[big] = m.bytes[0];
	}
	assert_int_equal(seen[0], seen[1]);
	return seen[0];
}

static void test_not_done(void **state)
{
	static const uint32_t allowed[] = {1, 2, ATOM + X11_CLIPBOARD, ATOM + X11_DND}, others[] = {0, 3, 199, 999};
	static const unsigned char never[] = {36, 41, 102, 104, 105, 107, 112, 115}; /* GrabServer, Bell, ... */

	(void)state;
	for (size_t i = 0; i < countof(allowed); i++) {
		assert_int_equal(becomes(22, (const uint32_t[]){OURS, allowed[i], 0}, 3), 22);
		assert_int_equal(becomes(22, (const uint32_t[]){OURS, others[i], 0}, 3), 127);
		assert_int_equal(becomes(22, (const uint32_t[]){0, others[i], 0}, 3), 127);
	}
	for (size_t i = 0; i < countof(never); i++)
		assert_int_equal(becomes(never[i], (const uint32_t[]){0, 0}, 2), 127);
	assert_int_equal(becomes(BIG, NULL, 0), BIG);
	for (unsigned opcode = 128; opcode < 256; opcode++)
		assert_int_equal(becomes((unsigned char)opcode, (const uint32_t[]){THEIRS}, 1),
				 opcode == BIG || opcode == MISC ? opcode : 120);
}

/* The events of SendEvent to `to`: the first word has the kind, then three words, then the rest of a message. */
static void check_event(uint32_t to, unsigned char kind, uint32_t first, uint32_t second, uint32_t about, bool done)
{
	for (unsigned sent = 0; sent < 2; sent++) {
		for (unsigned big = 0; big < 2; big++) {
			struct made m;

			head(&m, big, 25, 0, 11);
			word(&m, to);
			word(&m, 0x180000);
			word(&m, 0);
			m.bytes[12] = (unsigned char)(kind | (sent ? 0x80 : 0));
			word(&m, first);
			word(&m, second);
			word(&m, 0); /* of a message: the first of its words, a time, a window */
			word(&m, 0);
			word(&m, about);
			for (int i = 0; i < 2; i++)
				word(&m, 0);
			filter(&m);
			assert_int_equal(m.bytes[0], done ? 25 : 127);
		}
	}
}

static void test_commands(void **state)
{
	enum { MESSAGE = 33, UNMAP = 18, CONFIGURE = 23, CLOSE = 999, PING = ATOM + X11_PROTOCOLS };

	(void)state;
	check_event(ROOT, MESSAGE, OURS, CLOSE, 0, true);
	check_event(ROOT, MESSAGE, THEIRS, CLOSE, OURS, false);
	check_event(ROOT, MESSAGE, ROOT, CLOSE, OURS, false);
	check_event(ROOT, MESSAGE, ROOT, PING, OURS, true); /* it lives */
	check_event(ROOT, MESSAGE, ROOT, PING, THEIRS, false);
	check_event(ROOT, UNMAP, ROOT, OURS, 0, true);
	check_event(ROOT, UNMAP, ROOT, THEIRS, 0, false);
	check_event(ROOT, CONFIGURE, ROOT, OURS, 0, true);
	check_event(ROOT, CONFIGURE, ROOT, THEIRS, 0, false);
	check_event(OURS, MESSAGE, THEIRS, CLOSE, 0, true);      /* no window manager reads it */
	check_event(ROOT, 2 /* a key */, ROOT, THEIRS, 0, true); /* the server has an error for it */
}

/* To a window of another program: of bytes, nothing is sent, and nothing said; of words, the server has its error. */
static void test_messages(void **state)
{
	static const struct {
		uint8_t type, format;
		uint32_t window;
		bool sent;
	} cases[] = {{33, 8, THEIRS, false}, {33 | 0x80, 8, THEIRS, false}, {33, 32, THEIRS, true},
		     {2, 8, THEIRS, true},   {33, 8, OURS, true},           {33, 8, ROOT, false}};
	struct made m;

	(void)state;
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		bool big = i % 2, foreign = cases[i / 2].window == THEIRS;

		head(&m, big, 25, 0, 11);
		word(&m, cases[i / 2].window);
		word(&m, 0);
		for (int j = 0; j < 8; j++)
			word(&m, 0);
		m.bytes[12] = cases[i / 2].type;
		m.bytes[13] = cases[i / 2].format;
		filter(&m);
		assert_int_equal(m.bytes[0], cases[i / 2].sent ? 25 : 127);
		if (cases[i / 2].sent)
			assert_int_equal(word_at(&m, 4), foreign ? NOBODYS : cases[i / 2].window);
	}
}

static void test_grabs(void **state)
{
	struct made m;

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		head(&m, big, 31, 1, 4);
		word(&m, OURS);
		word(&m, 0);
		word(&m, 0x101);
		filter(&m);
		assert_memory_equal(m.bytes, big ? "\x62\0\0\4\0\x08\0\0--------" : "\x62\0\4\0\x08\0\0\0--------", 16);
		head(&m, big, 116, 3, 2); /* SetPointerMapping */
		word(&m, 0x010203);
		filter(&m);
		assert_memory_equal(m.bytes, big ? "\x62\0\0\2\0\0\0\0" : "\x62\0\2\0\0\0\0\0", 8);
		head(&m, big, 36, 0, 1);
		filter(&m);
		assert_int_equal(m.bytes[0], 127);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_done),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_grabs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
