/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-x11-filter: requests of a client of one sandbox that name what is another's, in both orders of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/unit/x11-made.h"

/* Words that are named from the fourth byte on: those of others become nobody's, and no other changes. */
static void check_words(uint8_t opcode, unsigned named, unsigned words)
{
	struct made m;

	for (unsigned big = 0; big < 2; big++) {
		head(&m, big, opcode, 0, (uint16_t)(words + 1));
		for (unsigned i = 0; i < words; i++)
			word(&m, i < named && i % 2 ? OURS : THEIRS);
		filter(&m);
		for (unsigned i = 0; i < words; i++)
			assert_int_equal(word_at(&m, 4 + 4 * i), i >= named ? THEIRS : i % 2 ? OURS : NOBODYS);
		assert_int_equal(m.bytes[0], opcode);
	}
}

static void test_words(void **state)
{
	(void)state;
	check_words(4, 1, 1);   /* DestroyWindow */
	check_words(7, 2, 3);   /* ReparentWindow */
	check_words(25, 1, 10); /* SendEvent */
	check_words(33, 1, 3);  /* GrabKey */
	check_words(42, 1, 2);  /* SetInputFocus */
	check_words(62, 3, 6);  /* CopyArea */
	check_words(72, 2, 6);  /* PutImage */
	check_words(73, 1, 4);  /* GetImage */
	check_words(113, 1, 1); /* KillClient */
	check_words(3, 0, 1);   /* GetWindowAttributes */
	check_words(21, 0, 1);  /* ListProperties */
	check_words(16, 0, 3);  /* InternAtom */
	check_words(MISC, 0, 3);
}

/* Values at the places that a bit set says: background and cursor of others, in a window that is watched by its owner.
 */
static void test_values(void **state)
{
	struct made m;

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		head(&m, big, 2, 0, 6);
		word(&m, OURS);
		word(&m, 1 << 0 | 1 << 11 | 1 << 14);
		word(&m, THEIRS);
		word(&m, THEIRS); /* an event mask, of whatever bits */
		word(&m, THEIRS);
		filter(&m);
		assert_int_equal(word_at(&m, 4), OURS);
		assert_int_equal(word_at(&m, 12), NOBODYS);
		assert_int_equal(word_at(&m, 16), THEIRS);
		assert_int_equal(word_at(&m, 20), NOBODYS);
		head(&m, big, 12, 0, 5); /* ConfigureWindow: x, sibling; the mask has 16 bits */
		word(&m, OURS);
		word(&m, big ? (1 << 0 | 1 << 5) << 16 : 1 << 0 | 1 << 5);
		word(&m, THEIRS);
		word(&m, THEIRS);
		filter(&m);
		assert_int_equal(word_at(&m, 12), THEIRS);
		assert_int_equal(word_at(&m, 16), NOBODYS);
	}
}

static void watch(struct made *m, uint32_t mask)
{
	head(m, false, 2, 0, 4);
	word(m, THEIRS);
	word(m, 1 << 11);
	word(m, mask);
	filter(m);
}

static void test_watching(void **state)
{
	struct made m;

	(void)state;
	watch(&m, 1 << 22 | 1 << 17); /* PropertyChange, StructureNotify */
	assert_int_equal(word_at(&m, 4), THEIRS);
	watch(&m, 1 << 0 | 1 << 22); /* KeyPress */
	assert_int_equal(word_at(&m, 4), NOBODYS);
	head(&m, false, 20, 1, 6); /* GetProperty that deletes it */
	word(&m, THEIRS);
	for (int i = 0; i < 4; i++)
		word(&m, 1);
	filter(&m);
	assert_int_equal(word_at(&m, 4), NOBODYS);
}

/* Windows that have no number of their own: the one below the pointer, the one with the focus. */
static void test_send_event(void **state)
{
	struct made m;

	(void)state;
	for (uint32_t id = 0; id < 3; id++) {
		head(&m, false, 25, 0, 11);
		word(&m, id < 2 ? id : ROOT);
		for (int i = 0; i < 9; i++)
			word(&m, 0);
		filter(&m);
		assert_int_equal(word_at(&m, 4), id < 2 ? NOBODYS : ROOT);
	}
}

/* The length of a request in 32 bits, for who has enabled that: all else stands one word later. */
static void head_extended(struct made *m, bool big, uint8_t opcode, uint32_t words)
{
	head(m, big, opcode, 0, 0);
	m->extended = true;
	word(m, words);
}

static void test_extended(void **state)
{
	unsigned char shortest[] = {72, 0, 0, 0, 1, 0, 0, 0};
	const struct x11_client extended = {false, true, &owners, &known};
	struct made m;

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		head_extended(&m, big, 4, 3); /* DestroyWindow */
		word(&m, THEIRS);
		filter(&m);
		assert_int_equal(word_at(&m, 8), NOBODYS);
		head_extended(&m, big, 31, 5); /* GrabKeyboard */
		word(&m, OURS);
		word(&m, 0);
		word(&m, 0x101);
		filter(&m);
		assert_int_equal(m.bytes[0], 98);
		assert_memory_equal(m.bytes + 12, "--------", 8);
		head_extended(&m, big, 18, 5); /* ChangeProperty */
		word(&m, ROOT);
		word(&m, 1);
		word(&m, 1);
		filter(&m);
		assert_int_equal(m.bytes[0], 127);
	}
	assert_true(x11_filter(shortest, sizeof shortest, &extended) < 0); /* shorter than itself */
	shortest[5] = 1;
	assert_int_equal(x11_filter(shortest, 4, &extended), 0);
	assert_int_equal(x11_filter(shortest, sizeof shortest, &extended), 0);
	/* longer than the server takes; one that counts bytes in 32 bits would take this for a few */
	for (unsigned words = 0; words < 2; words++) {
		unsigned char longest[128] = {72, 2, 0, 0, (unsigned char)words, 0, 0x40, 0};

		assert_int_equal(x11_filter(longest, sizeof longest, &extended), words ? -1 : LONGEST * 4);
		longest[7] = 0x40;
		assert_true(x11_filter(longest, sizeof longest, &extended) < 0);
	}
}

/* Properties of another's window: those that the desktop has for all programs are there, in whatever order of bytes. */
static void test_reading(void **state)
{
	static const struct {
		uint32_t window, property;
		bool hidden;
	} cases[] = {
		{THEIRS, 39 /* WM_NAME */, true},
		{THEIRS, ATOM + X11_CLIPBOARD, true},
		{THEIRS, ATOM + X11_NAME, true},
		{MANAGER, ATOM + X11_NAME, false},
		{MANAGER, 39, true},
		{THEIRS, ATOM + X11_SETTINGS, false},
		{THEIRS, ATOM + X11_MANAGER, false},
		{OURS, 39, false},
		{ROOT, 39, false},
	};
	struct made m;

	(void)state;
	for (size_t i = 0; i < countof(cases) * 2; i++) {
		head(&m, i & 1, 20, 0, 6);
		word(&m, cases[i / 2].window);
		word(&m, cases[i / 2].property);
		for (int j = 0; j < 3; j++)
			word(&m, 0);
		filter(&m);
		assert_int_equal(word_at(&m, 4), cases[i / 2].window);
		assert_int_equal(word_at(&m, 8), cases[i / 2].hidden ? 46 : cases[i / 2].property);
	}
}

/* Properties: one's own are changed, those of the root and of others are not. */
static void test_properties(void **state)
{
	static const struct {
		uint32_t window;
		unsigned char becomes[2]; /* ChangeProperty, DeleteProperty */
	} cases[] = {{OURS, {18, 19}}, {ROOT, {127, 127}}, {THEIRS, {127, 127}}};
	struct made m;

	(void)state;
	for (size_t i = 0; i < countof(cases) * 4; i++) {
		unsigned char opcode = i & 1 ? 19 : 18;

		head(&m, i >> 1 & 1, opcode, 0, 3);
		word(&m, cases[i / 4].window);
		word(&m, 1);
		filter(&m);
		assert_int_equal(m.bytes[0], cases[i / 4].becomes[i & 1]);
		assert_int_equal(word_at(&m, 4), cases[i / 4].window);
	}
}

static void test_lengths(void **state)
{
	unsigned char image[128] = {72, 2, 0xff, 0xff}, none[8] = {72, 2, 0, 0, 0, 0, 1, 0};

	(void)state;
	assert_int_equal(x11_filter(image, 95, &plain), 0); /* only the start is looked at */
	assert_int_equal(x11_filter(image, 96, &plain), 65535 * 4);
	assert_true(x11_filter(none, sizeof none, &plain) < 0); /* BIG-REQUESTS */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),      cmocka_unit_test(test_values),   cmocka_unit_test(test_watching),
		cmocka_unit_test(test_properties), cmocka_unit_test(test_extended), cmocka_unit_test(test_send_event),
		cmocka_unit_test(test_reading),    cmocka_unit_test(test_lengths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
