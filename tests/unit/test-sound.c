/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sound: what a program may say to the sound server, and what it hears. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sound/tags.h"
#include "sound/talk.h"

enum { ERROR = 0, REPLY = 2, PLAY = 3, DELETE = 4, RECORD = 5, AUTH = 8, NAME = 9, SERVER = 20, SINK = 21 };
enum {
	SOURCES = 24,
	INPUT = 29,
	INPUTS = 30,
	SUBSCRIBE = 35,
	VOLUME = 37,
	CORK = 41,
	LOAD = 51,
	EVENT = 66,
	MOVED = 79
};

struct fixture {
	struct talk talk;
	unsigned streams;
};

static void start(struct fixture *f, bool record)
{
	*f = (struct fixture){0};
	talk_begin(&f->talk, record, &f->streams);
}

static void head(struct str *out, size_t size, uint32_t channel, uint32_t flags)
{
	tag_add_u32(out, (uint32_t)size);
	tag_add_u32(out, channel);
	tag_add_u32(out, 0);
	tag_add_u32(out, 0);
	tag_add_u32(out, flags);
}

/* COMMAND, TAG and the values that `rest` has. */
static void add(struct str *out, uint32_t command, uint32_t tag, const struct str *rest)
{
	head(out, 10 + rest->len, SOUND_CONTROL, 0);
	tag_add_number(out, command);
	tag_add_number(out, tag);
	str_add_bytes(out, rest->len ? rest->s : "", rest->len);
}

/* Numbers, up to UINT32_MAX, which is not one of them. */
static struct str numbers(int first, ...)
{
	struct str out = {0};
	va_list ap;

	va_start(ap, first);
	for (int number = first; number >= 0; number = va_arg(ap, int))
		tag_add_number(&out, (uint32_t)number);
	va_end(ap);
	return out;
}

static int client_says(struct fixture *f, uint32_t command, uint32_t tag, struct str rest)
{
	autostr struct str out = {0}, owned = rest;

	add(&out, command, tag, &owned);
	return talk_of_client(&f->talk, out.s, out.len);
}

static int server_says(struct fixture *f, uint32_t command, uint32_t tag, struct str rest)
{
	autostr struct str out = {0}, owned = rest;

	add(&out, command, tag, &owned);
	return talk_of_server(&f->talk, out.s, out.len);
}

/* The next packet of what is to be sent has this command and this tag, and these numbers first. It is taken away. */
static void expect(struct str *to, uint32_t command, uint32_t tag, int first)
{
	size_t size;

	assert_true(to->len >= SOUND_HEAD + 10);
	size = SOUND_HEAD + tag_read_u32((unsigned char *)to->s);
	assert_true(to->len >= size);
	assert_int_equal(tag_read_u32((unsigned char *)to->s + SOUND_HEAD + 1), command);
	assert_int_equal(tag_read_u32((unsigned char *)to->s + SOUND_HEAD + 6), tag);
	if (first >= 0)
		assert_int_equal(tag_read_u32((unsigned char *)to->s + SOUND_HEAD + 11), first);
	to->len -= size;
	memmove(to->s, to->s + size, to->len);
}

#define TO_CLIENT (&f.talk.client.to)
#define TO_SERVER (&f.talk.server.to)

/* Makes a stream that plays: channel 7, number 40. */
static void play(struct fixture *f)
{
	assert_int_equal(client_says(f, PLAY, 1, (struct str){0}), 0);
	assert_int_equal(server_says(f, REPLY, 1, numbers(7, 40, 0, -1)), 0);
	f->talk.client.to.len = f->talk.server.to.len = 0;
}

static void test_refused(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, true);
	for (uint32_t command = 36; command < 300; command++) {
		if (command == VOLUME || (command > 40 && command < 48 && command != 44 && command != 45))
			continue;
		f.talk.server.to.len = f.talk.client.to.len = 0;
		assert_int_equal(client_says(&f, command, 5, numbers(0, -1)), 0);
		if (!f.talk.server.to.len)
			continue;
		assert_int_equal(command, 82); /* update_client_proplist */
		assert_int_equal(server_says(&f, ERROR, 5, numbers(1, -1)), 0);
	}
	assert_int_equal(client_says(&f, LOAD, 9, numbers(-1)), 0);
	f.talk.client.to.len = 0;
	assert_int_equal(client_says(&f, LOAD, 9, numbers(-1)), 0);
	assert_int_equal(f.talk.server.to.len, 0);
	expect(TO_CLIENT, ERROR, 9, 1);
	talk_done(&f.talk);
}

static void test_own_streams(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	play(&f);
	assert_int_equal(f.streams, 1);
	assert_int_equal(client_says(&f, CORK, 2, numbers(7, -1)), 0);
	expect(TO_SERVER, CORK, 2, 7);
	assert_int_equal(client_says(&f, CORK, 3, numbers(8, -1)), 0);
	expect(TO_CLIENT, ERROR, 3, 5);
	assert_int_equal(client_says(&f, VOLUME, 4, numbers(40, -1)), 0);
	expect(TO_SERVER, VOLUME, 4, 40);
	assert_int_equal(client_says(&f, VOLUME, 5, numbers(41, -1)), 0);
	expect(TO_CLIENT, ERROR, 5, 5);
	assert_int_equal(client_says(&f, INPUTS, 6, numbers(-1)), 0);
	expect(TO_CLIENT, REPLY, 6, -1);
	assert_int_equal(client_says(&f, DELETE, 7, numbers(7, -1)), 0);
	expect(TO_SERVER, DELETE, 7, 7);
	assert_int_equal(f.streams, 0);
	assert_int_equal(client_says(&f, INPUT, 8, numbers(40, -1)), 0);
	expect(TO_CLIENT, ERROR, 8, 5);
	assert_int_equal(TO_SERVER->len, 0);
	talk_done(&f.talk);
}

static void test_bounds(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	for (uint32_t i = 0; i < SOUND_ALL_STREAMS; i++)
		assert_int_equal(client_says(&f, PLAY, i, numbers(-1)), 0);
	TO_SERVER->len = 0;
	assert_int_equal(client_says(&f, PLAY, 500, numbers(-1)), 0);
	expect(TO_CLIENT, ERROR, 500, 26);
	assert_int_equal(server_says(&f, ERROR, 3, numbers(1, -1)), 0);
	assert_int_equal(f.streams, SOUND_ALL_STREAMS - 1);
	for (uint32_t i = 1000; i < 1000 + SOUND_PENDING; i++)
		assert_int_equal(client_says(&f, SERVER, i, numbers(-1)), 0);
	assert_int_equal(f.talk.filter.pending_count, SOUND_PENDING);
	assert_false(talk_hears_client(&f.talk) && TO_CLIENT->len > TALK_FULL);
	talk_done(&f.talk);
	assert_int_equal(f.streams, 0);
}

static void test_tags(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(client_says(&f, SERVER, 5, numbers(-1)), 0);
	assert_int_equal(client_says(&f, SINK, 5, numbers(1, -1)), -EBADMSG);
	talk_done(&f.talk);
	start(&f, false);
	assert_int_equal(client_says(&f, SERVER, UINT32_MAX - 1, numbers(-1)), -EBADMSG);
	assert_int_equal(server_says(&f, REPLY, 77, numbers(1, -1)), 0); /* nobody has asked */
	assert_int_equal(TO_CLIENT->len, 0);
	talk_done(&f.talk);
}

static void property(struct str *out, const char *key, const char *value)
{
	tag_add_text(out, key);
	tag_add_number(out, (uint32_t)strlen(value) + 1);
	str_add(out, "x");
	tag_add_u32(out, (uint32_t)strlen(value) + 1);
	str_add_bytes(out, value, strlen(value) + 1);
}

static void test_properties(void **state)
{
	struct str rest = {0};
	struct fixture f;

	(void)state;
	start(&f, false);
	str_add(&rest, "P");
	property(&rest, "filter.want", "ladspa-sink");
	property(&rest, "media.name", "a song");
	property(&rest, "filter.apply.ladspa-sink.parameters", "plugin=/tmp/code.so");
	property(&rest, "media.role", "phone");
	str_add(&rest, "N");
	str_add_bytes(&rest, "fB\1P", 4);
	property(&rest, "format.rate", "44100");
	property(&rest, "target.object", "1");
	str_add(&rest, "N1");
	assert_int_equal(client_says(&f, PLAY, 1, rest), 0);
	assert_non_null(memmem(TO_SERVER->s, TO_SERVER->len, "a song", 6));
	assert_non_null(memmem(TO_SERVER->s, TO_SERVER->len, "format.rate", 11));
	assert_null(memmem(TO_SERVER->s, TO_SERVER->len, "filter", 6));
	assert_null(memmem(TO_SERVER->s, TO_SERVER->len, "role", 4));
	assert_null(memmem(TO_SERVER->s, TO_SERVER->len, "target", 6));
	assert_int_equal(TO_SERVER->s[TO_SERVER->len - 1], '1');
	assert_int_equal(tag_read_u32((unsigned char *)TO_SERVER->s), TO_SERVER->len - SOUND_HEAD);
	talk_done(&f.talk);
}

static void test_auth(void **state)
{
	struct str rest = {0};
	struct fixture f;

	(void)state;
	start(&f, false);
	tag_add_number(&rest, 0xc0000000 | 40);
	assert_int_equal(client_says(&f, AUTH, 0, rest), 0);
	expect(TO_SERVER, AUTH, 0, 35);
	rest = (struct str){0};
	tag_add_number(&rest, 0xc0000000 | 34);
	assert_int_equal(server_says(&f, REPLY, 0, rest), 0);
	expect(TO_CLIENT, REPLY, 0, 34);
	rest = (struct str){0};
	assert_int_equal(client_says(&f, SERVER, 1, rest), 0);
	tag_add_text(&rest, "pulseaudio");
	tag_add_text(&rest, "16");
	tag_add_text(&rest, "alice");
	str_add(&rest, "N");
	tag_add_text(&rest, "sink");
	assert_int_equal(server_says(&f, REPLY, 1, rest), 0);
	assert_null(memmem(TO_CLIENT->s, TO_CLIENT->len, "alice", 5));
	assert_non_null(memmem(TO_CLIENT->s, TO_CLIENT->len, "tuser\0tsandbox\0tsink", 21));
	talk_done(&f.talk);
}

static void test_events(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	play(&f);
	assert_int_equal(client_says(&f, SUBSCRIBE, 2, numbers(0x3ff, -1)), 0);
	expect(TO_SERVER, SUBSCRIBE, 2, 0x85);
	assert_int_equal(server_says(&f, EVENT, UINT32_MAX, numbers(0x12, 41, -1)), 0); /* another's stream */
	assert_int_equal(server_says(&f, EVENT, UINT32_MAX, numbers(0x05, 1, -1)), 0);  /* a client */
	assert_int_equal(server_says(&f, EVENT, UINT32_MAX, numbers(0x11, 1, -1)), 0);  /* a microphone */
	assert_int_equal(TO_CLIENT->len, 0);
	assert_int_equal(server_says(&f, EVENT, UINT32_MAX, numbers(0x12, 40, -1)), 0);
	expect(TO_CLIENT, EVENT, UINT32_MAX, 0x12);
	assert_int_equal(server_says(&f, 101, UINT32_MAX, numbers(-1)), 0); /* enable_srbchannel */
	assert_int_equal(server_says(&f, 103, UINT32_MAX, numbers(1, -1)), 0);
	assert_int_equal(TO_CLIENT->len, 0);
	talk_done(&f.talk);
}

static struct str device(int channel, const char *name)
{
	struct str rest = numbers(channel, 50, -1);

	if (name)
		tag_add_text(&rest, name);
	else
		str_add(&rest, "N");
	return rest;
}

static void test_record(void **state)
{
	static const char *const monitors[] = {"speaker.monitor", "@DEFAULT_MONITOR@", NULL};
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(client_says(&f, RECORD, 1, numbers(-1)), 0);
	expect(TO_CLIENT, ERROR, 1, 1);
	assert_int_equal(client_says(&f, SOURCES, 2, numbers(-1)), 0);
	expect(TO_CLIENT, REPLY, 2, -1);
	assert_int_equal(TO_SERVER->len, 0);
	talk_done(&f.talk);
	start(&f, true);
	for (size_t i = 0; i < countof(monitors); i++) {
		assert_int_equal(client_says(&f, RECORD, 1, numbers(-1)), 0);
		TO_SERVER->len = 0;
		assert_int_equal(server_says(&f, REPLY, 1, device(3, monitors[i])), 0);
		expect(TO_CLIENT, ERROR, 1, 1);
		expect(TO_SERVER, 6, UINT32_MAX - 1, 3);
		assert_int_equal(f.streams, 0);
	}
	assert_int_equal(client_says(&f, RECORD, 1, numbers(-1)), 0);
	assert_int_equal(server_says(&f, REPLY, 1, device(3, "mic")), 0);
	assert_true(sound_records(&f.talk.filter, 3) && !sound_plays(&f.talk.filter, 3));
	assert_int_equal(server_says(&f, MOVED, UINT32_MAX, device(3, "speaker.monitor")), 0);
	assert_false(sound_records(&f.talk.filter, 3));
	assert_int_equal(server_says(&f, MOVED, UINT32_MAX, device(3, "mic")), 0);
	assert_true(sound_records(&f.talk.filter, 3));
	talk_done(&f.talk);
}

static void test_pieces(void **state)
{
	autostr struct str piece = {0}, record = {0};
	struct fixture f;

	(void)state;
	start(&f, true);
	play(&f);
	head(&piece, 5, 7, 0);
	str_add(&piece, "SOUND");
	head(&piece, 4, 8, 0); /* not its own */
	str_add(&piece, "LOST");
	for (size_t i = 0; i < piece.len; i++)
		assert_int_equal(talk_of_client(&f.talk, piece.s + i, 1), 0);
	assert_int_equal(TO_SERVER->len, SOUND_HEAD + 5);
	assert_memory_equal(TO_SERVER->s + SOUND_HEAD, "SOUND", 5);
	/* what is answered from here waits for the end of a piece */
	assert_int_equal(client_says(&f, RECORD, 2, numbers(-1)), 0);
	assert_int_equal(server_says(&f, REPLY, 2, device(3, "mic")), 0);
	TO_CLIENT->len = 0;
	head(&record, 6, 3, 0);
	str_add(&record, "HE");
	assert_int_equal(talk_of_server(&f.talk, record.s, record.len), 0);
	assert_int_equal(client_says(&f, LOAD, 3, numbers(-1)), 0);
	assert_int_equal(TO_CLIENT->len, SOUND_HEAD + 2);
	assert_int_equal(talk_of_server(&f.talk, "ARD!", 4), 0);
	assert_memory_equal(TO_CLIENT->s + SOUND_HEAD, "HEARD!", 6);
	TO_CLIENT->len -= SOUND_HEAD + 6;
	memmove(TO_CLIENT->s, TO_CLIENT->s + SOUND_HEAD + 6, TO_CLIENT->len);
	expect(TO_CLIENT, ERROR, 3, 1);
	talk_done(&f.talk);
}

static void refuses(size_t size, uint32_t channel, uint32_t flags)
{
	autostr struct str bytes = {0};
	struct fixture f;

	start(&f, true);
	head(&bytes, size, channel, flags);
	assert_int_equal(talk_of_client(&f.talk, bytes.s, bytes.len), -EBADMSG);
	talk_done(&f.talk);
}

static void test_heads(void **state)
{
	(void)state;
	refuses(0, 0, 0);
	refuses(0, SOUND_CONTROL, 0);
	refuses(TALK_PIECE + 1, 0, 0);
	refuses(TALK_PACKET_CLIENT + 1, SOUND_CONTROL, 0);
	refuses(16, 0, 0x80000000);
	refuses(16, 0, 0x40000000);
	refuses(16, 0, 0x20000000);
	refuses(16, SOUND_CONTROL, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused), cmocka_unit_test(test_own_streams), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_tags),    cmocka_unit_test(test_properties),  cmocka_unit_test(test_auth),
		cmocka_unit_test(test_events),  cmocka_unit_test(test_record),      cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_heads),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
