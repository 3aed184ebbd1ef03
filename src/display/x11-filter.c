/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-filter.h"

#include <string.h>

#include "base/mem.h"

/* Of a request no more is looked at: the longest has 32 bytes and 15 values. */
enum { LOOKED_AT = 96, HEADER = 4, FIRST_EXTENSION = 128 };
enum {
	CHANGE_ATTRIBUTES = 2,
	CONFIGURE = 12,
	CHANGE_PROPERTY = 18,
	DELETE_PROPERTY = 19,
	GET_PROPERTY = 20,
	SET_SELECTION_OWNER = 22,
	SEND_EVENT = 25,
	GRAB_KEYBOARD = 31,
	GRAB_SERVER = 36,
	WARP_POINTER = 41,
	QUERY_EXTENSION = 98,
	CHANGE_KEYBOARD_CONTROL = 102,
	BELL = 104,
	CHANGE_POINTER_CONTROL = 105,
	SET_SCREEN_SAVER = 107,
	SET_CLOSE_DOWN_MODE = 112,
	KILL_CLIENT = 113,
	FORCE_SCREEN_SAVER = 115,
	SET_POINTER_MAPPING = 116,
	UNUSED = 120, /* the server has an error for it */
	NO_OPERATION = 127,
};
enum { UNMAP_NOTIFY = 18, CONFIGURE_REQUEST = 23, CLIENT_MESSAGE = 33, SENT = 0x80 /* the bit of such events */ };
enum { PRIMARY = 1, SECONDARY = 2, NO_PROPERTY = 46 /* a word of fonts, which no window has */ };
enum { EVENT_MASK = 1 << 11, NOBODYS = 0x3ffff /* of the server's numbers, of which it uses the first few */ };
enum { PROPERTY_CHANGE = 1 << 22, STRUCTURE_NOTIFY = 1 << 17 };

enum rule {
	FREE,   /* it names nothing */
	READS,  /* it only reads */
	CHECKS, /* all that it names is looked at */
};

/* Where a request names resources: in so many words from byte 4 on, in one at a place of its own, and among its values.
 */
struct request {
	enum rule rule : 8;
	unsigned char words;   /* from byte 4 on */
	unsigned char more[2]; /* bytes at which there are others; 0: none */
	unsigned char mask_at; /* byte of the bit set of its values, which come after `values_at`; 0: none */
	unsigned char values_at;
	uint32_t values; /* bits of those that are resources */
};

#define NAMED(n)                                                                                                       \
	{                                                                                                              \
		.rule = CHECKS, .words = (n)                                                                           \
	}
#define READING                                                                                                        \
	{                                                                                                              \
		.rule = READS, .words = 1                                                                              \
	}

static const struct request requests[FIRST_EXTENSION] = {
	[1] = {CHECKS, 2, {0}, 28, 32, 1 << 0 | 1 << 2 | 1 << 13 | 1 << 14}, /* CreateWindow */
	[2] = {CHECKS, 1, {0}, 8, 12, 1 << 0 | 1 << 2 | 1 << 13 | 1 << 14},  /* ChangeWindowAttributes */
	[3] = READING,
	[4 ... 6] = NAMED(1),
	[7] = NAMED(2), /* ReparentWindow */
	[8 ... 11] = NAMED(1),
	[12] = {CHECKS, 1, {0}, 8, 12, 1 << 5}, /* ConfigureWindow: sibling */
	[13] = NAMED(1),
	[14 ... 15] = READING, /* GetGeometry, QueryTree */
	[20 ... 21] = READING, /* GetProperty, ListProperties */
	[22] = NAMED(1),
	[24 ... 25] = NAMED(1),
	[26] = {CHECKS, 1, {12, 16}, 0, 0, 0}, /* GrabPointer */
	[28] = {CHECKS, 1, {12, 16}, 0, 0, 0}, /* GrabButton */
	[29 ... 31] = NAMED(1),
	[33 ... 34] = NAMED(1),
	[38] = READING, /* QueryPointer */
	[39] = NAMED(1),
	[40] = READING,         /* TranslateCoordinates */
	[42] = NAMED(1),        /* SetInputFocus */
	[45 ... 48] = NAMED(1), /* fonts */
	[53] = NAMED(2),
	[54] = NAMED(1),
	[55] = {CHECKS, 2, {0}, 12, 16, 1 << 10 | 1 << 11 | 1 << 14 | 1 << 19}, /* CreateGC */
	[56] = {CHECKS, 1, {0}, 8, 12, 1 << 10 | 1 << 11 | 1 << 14 | 1 << 19},  /* ChangeGC */
	[57] = NAMED(2),
	[58 ... 61] = NAMED(1),
	[62 ... 63] = NAMED(3), /* CopyArea, CopyPlane */
	[64 ... 72] = NAMED(2), /* what draws, and PutImage */
	[73] = NAMED(1),        /* GetImage */
	[74 ... 78] = NAMED(2), /* texts, CreateColormap */
	[79] = NAMED(1),
	[80] = NAMED(2),
	[81 ... 92] = NAMED(1), /* colormaps */
	[93 ... 94] = NAMED(3), /* cursors */
	[95 ... 97] = NAMED(1),
	[113 ... 114] = NAMED(1), /* KillClient, RotateProperties */
};

static uint32_t get(const unsigned char *bytes, bool big_endian, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << 8 * (big_endian ? size - 1 - i : i);
	return value;
}

/* One request, as far as it is looked at. Of a long one (BIG-REQUESTS) the length stands in a word of its own after the
 * head: `bytes` begin one word later, so that what comes then is at the same places. */
struct looked {
	unsigned char *head; /* opcode, and a small operand */
	unsigned char *bytes;
	size_t size;
	bool big_endian;
	const struct x11_owners *owners;
	const struct x11_known *known;
};

static void put(unsigned char *bytes, bool big_endian, unsigned size, uint32_t value)
{
	for (unsigned i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> 8 * (big_endian ? size - 1 - i : i));
}

/* What is too short for it, is for the server, too. */
static uint32_t word_at(const struct looked *l, size_t at)
{
	return at + 4 > l->size ? 0 : get(l->bytes + at, l->big_endian, 4);
}

static bool is_foreign(const struct looked *l, uint32_t id)
{
	return l->owners->is_foreign(l->owners->arg, id);
}

static bool is_own(const struct looked *l, uint32_t id)
{
	return id > NOBODYS && !is_foreign(l, id);
}

static void check(struct looked *l, size_t at)
{
	/* SendEvent to the window with the focus, or below the pointer, whoever's; KillClient of all that was left, or
	 * of another of the sandbox's: only the relay ends clients, for it has to know when (x11-client.h) */
	bool never = l->head[0] == KILL_CLIENT || (l->head[0] == SEND_EVENT && word_at(l, at) <= 1);

	if (at + 4 <= l->size && (never || is_foreign(l, word_at(l, at))))
		put(l->bytes + at, l->big_endian, 4, NOBODYS);
}

/* Values stand in the order of their bits. */
static void check_values(struct looked *l, const struct request *request)
{
	size_t at = request->values_at;
	uint32_t mask;

	if (request->mask_at + 4U > l->size)
		return;
	mask = get(l->bytes + request->mask_at, l->big_endian, l->head[0] == CONFIGURE ? 2 : 4);
	for (unsigned bit = 0; bit < 32; bit++) {
		if (!(mask >> bit & 1))
			continue;
		if (request->values >> bit & 1)
			check(l, at);
		at += 4;
	}
}

/* To be told when a window changes its properties or goes, as that of the settings of the desktop, is reading. */
static bool only_watches(const struct looked *l)
{
	return l->size >= 16 && get(l->bytes + 8, l->big_endian, 4) == EVENT_MASK &&
	       !(get(l->bytes + 12, l->big_endian, 4) & ~(uint32_t)(PROPERTY_CHANGE | STRUCTURE_NOTIFY));
}

/* A property of another's window that may not be read is not there. */
static void hide_property(struct looked *l)
{
	const struct x11_known *known = l->known;
	uint32_t window = word_at(l, 4), property = word_at(l, 8);
	bool shown = property == known->atom[X11_SETTINGS] || property == known->atom[X11_MANAGER] ||
		     (property == known->atom[X11_NAME] && window == known->manager);

	if (l->size >= 12 && !shown && is_foreign(l, window))
		put(l->bytes + 8, l->big_endian, 4, NO_PROPERTY);
}

static void look(struct looked *l)
{
	const struct request *request = &requests[l->head[0]];
	bool deletes = l->head[0] == GET_PROPERTY && l->head[1];

	if (l->head[0] == CHANGE_ATTRIBUTES && only_watches(l))
		return;
	if (l->head[0] == GET_PROPERTY)
		hide_property(l);
	if (request->rule == FREE || (request->rule == READS && !deletes))
		return;
	for (size_t i = 0; i < request->words; i++)
		check(l, HEADER + 4 * i);
	for (size_t i = 0; i < countof(request->more); i++)
		if (request->more[i])
			check(l, request->more[i]);
	if (request->mask_at)
		check_values(l, request);
}

/* Asks for an extension of that name in its place: the answer is that of a keyboard that was grabbed, of a mapping that
 * was set. */
static bool asks_for_nothing(struct looked *l, size_t length)
{
	enum { NAME_AT = 8, NAME = '-' };

	if ((l->head[0] != GRAB_KEYBOARD && l->head[0] != SET_POINTER_MAPPING) || length < NAME_AT)
		return false;
	l->head[0] = QUERY_EXTENSION;
	l->head[1] = 0;
	put(l->bytes + 4, l->big_endian, 2, (uint32_t)(length - NAME_AT));
	put(l->bytes + 6, l->big_endian, 2, 0);
	memset(l->bytes + NAME_AT, NAME, l->size - NAME_AT);
	return true;
}

/* Programs with Motif announce themselves at the root, and at a window that an earlier program has left for that; they
 * end when they are told that they may not. */
static bool announces(const struct looked *l)
{
	uint32_t id = l->size < 8 ? NOBODYS + 1 : get(l->bytes + 4, l->big_endian, 4);

	return (l->head[0] == CHANGE_PROPERTY || l->head[0] == DELETE_PROPERTY) &&
	       (id <= NOBODYS || l->owners->is_foreign(l->owners->arg, id));
}

/* Whoever has another one is believed by every program: the settings of the desktop name code that they load. */
static bool takes_over(const struct looked *l)
{
	uint32_t selection = word_at(l, 8);

	return l->head[0] == SET_SELECTION_OWNER && selection != PRIMARY && selection != SECONDARY &&
	       selection != l->known->atom[X11_CLIPBOARD] && selection != l->known->atom[X11_DND];
}

/* To the root window, which is to the window manager: what is not of a window of theirs, but the answer to its question
 * whether such a one still lives. */
static bool commands(const struct looked *l)
{
	enum { TYPE_AT = 12, WINDOW_AT = 16, SECOND_AT = 20, ANSWERS_FOR_AT = 32 };
	unsigned type = l->size > TYPE_AT ? l->bytes[TYPE_AT] & ~(unsigned)SENT : 0;

	if (l->head[0] != SEND_EVENT || word_at(l, 4) >= NOBODYS)
		return false;
	if (type == UNMAP_NOTIFY || type == CONFIGURE_REQUEST)
		return !is_own(l, word_at(l, SECOND_AT));
	if (type != CLIENT_MESSAGE || is_own(l, word_at(l, WINDOW_AT)))
		return false;
	return word_at(l, SECOND_AT) != l->known->atom[X11_PROTOCOLS] || !is_own(l, word_at(l, ANSWERS_FOR_AT));
}

/* A message of bytes to a window of another program is not sent: GTK's module for Fcitx tells Fcitx a number so, and
 * its program ends when it may not. Not one of words: whoever begins to talk with XIM would wait for ever. */
static bool tells_bytes(const struct looked *l)
{
	enum { TYPE_AT = 12, FORMAT_AT = 13, BYTES = 8 };

	return l->head[0] == SEND_EVENT && l->size > FORMAT_AT && word_at(l, 4) > NOBODYS &&
	       (l->bytes[TYPE_AT] & ~(unsigned)SENT) == CLIENT_MESSAGE && l->bytes[FORMAT_AT] == BYTES &&
	       is_foreign(l, word_at(l, 4));
}

static bool is_not_done(const struct looked *l)
{
	switch (l->head[0]) {
	case GRAB_SERVER:
	case WARP_POINTER:
	case CHANGE_KEYBOARD_CONTROL: /* of this and the next the server has an error, with which programs end */
	case BELL:
	case CHANGE_POINTER_CONTROL:
	case SET_SCREEN_SAVER:
	case SET_CLOSE_DOWN_MODE:
	case FORCE_SCREEN_SAVER:
		return true;
	}
	return announces(l) || takes_over(l) || commands(l) || tells_bytes(l);
}

static void change(struct looked *l, size_t length)
{
	unsigned opcode = l->head[0];

	if (opcode >= FIRST_EXTENSION) { /* of others nobody knows here what they name */
		if (opcode != l->known->big_requests && opcode != l->known->misc)
			l->head[0] = UNUSED;
	} else if (is_not_done(l)) {
		l->head[0] = NO_OPERATION;
	} else if (!asks_for_nothing(l, length)) {
		look(l);
	}
}

ssize_t x11_filter(unsigned char *bytes, size_t size, const struct x11_client *client)
{
	struct looked l = {.head = bytes,
			   .bytes = bytes,
			   .big_endian = client->big_endian,
			   .owners = client->owners,
			   .known = client->known};
	size_t length, skipped = 0;

	if (size < HEADER)
		return 0;
	length = get(bytes + 2, l.big_endian, 2) * (size_t)4;
	if (!length && client->big_requests) {
		if (size < 2 * HEADER)
			return 0;
		length = get(bytes + 4, l.big_endian, 4) * (size_t)4;
		skipped = HEADER;
		l.bytes += skipped;
	}
	if (length < HEADER + skipped || (skipped && length / 4 > client->known->longest))
		return -1;
	l.size = length - skipped < LOOKED_AT ? length - skipped : LOOKED_AT;
	if (size - skipped < l.size)
		return 0;
	change(&l, length - skipped);
	return (ssize_t)length;
}

int x11_welcome_range(const unsigned char *bytes, size_t size, bool big_endian, uint32_t *ret_base, uint32_t *ret_mask)
{
	enum { BASE_AT = 12, MASK_AT = 16, NEEDED = 20 };

	if (size && bytes[0] != 1)
		return -1;
	if (size < NEEDED)
		return 0;
	*ret_base = get(bytes + BASE_AT, big_endian, 4);
	*ret_mask = get(bytes + MASK_AT, big_endian, 4);
	return 1;
}

ssize_t x11_answer(const unsigned char *bytes, size_t size, bool big_endian, uint64_t sent, uint64_t *heard)
{
	enum { MESSAGE = 32, REPLY = 1, KEYMAP_NOTIFY = 11, GENERIC = 35 };
	unsigned kind = size ? bytes[0] & ~(unsigned)SENT : 0;
	uint64_t last;

	if (size < MESSAGE)
		return 0;
	last = sent - (uint16_t)(sent - get(bytes + 2, big_endian, 2));
	if (kind != KEYMAP_NOTIFY && last > *heard) /* the one kind that has no number */
		*heard = last;
	return MESSAGE + (bytes[0] == REPLY || kind == GENERIC ? (ssize_t)get(bytes + 4, big_endian, 4) * 4 : 0);
}
