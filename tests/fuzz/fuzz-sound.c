/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-sound: the input is what both sides say, in turn: a byte (bit 7: the server says it) and a 16-bit size before
 * each piece. What is passed on to the server is read anew, by another reader: whole packets, no shared memory, no
 * command that the table has not, and nothing of a property that makes the server do something. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sound/tags.h"
#include "sound/talk.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_INPUT = 65536 };

static bool is_allowed(uint32_t command)
{
	static const unsigned char allowed[] = {
#define C(number, name, rule) number,
#include "sound/commands.def"
#undef C
	};

	return command < 256 && memchr(allowed, (int)command, sizeof allowed);
}

static void check_key(const char *key)
{
	FUZZ_CHECK(strncmp(key, "media.", 6) == 0 || strncmp(key, "application.", 12) == 0 ||
		   strncmp(key, "format.", 7) == 0);
	FUZZ_CHECK(strcmp(key, "media.role") != 0);
}

static void check_values(const unsigned char *at, size_t size)
{
	struct tags tags = {at, at + size};
	struct tag tag;
	int r;

	while ((r = tags_next(&tags, &tag)) == 1) {
		const unsigned char *p = tag.start + (tag.type == TAG_FORMAT ? 4 : 1);

		if (tag.type != TAG_FORMAT && tag.type != TAG_PROPERTIES)
			continue;
		for (; *p == TAG_TEXT;
		     p += strlen((const char *)p) + 1 + 10 + tag_read_u32(p + strlen((const char *)p) + 2))
			check_key((const char *)p + 1);
		FUZZ_CHECK(*p == TAG_NULL_TEXT);
	}
	FUZZ_CHECK(r == 0);
}

static void check_command(const unsigned char *at, size_t size)
{
	uint32_t command;

	FUZZ_CHECK(size >= 10 && at[0] == 'L' && at[5] == 'L');
	command = tag_read_u32(at + 1);
	FUZZ_CHECK(is_allowed(command) && command != 51);
	if (command == 8)
		FUZZ_CHECK(size >= 15 && tag_read_u32(at + 11) <= 35);
	check_values(at, size);
	FUZZ_CHECK(!fuzz_wrong || command != 9);
}

static void check_stream(const struct str *text)
{
	const unsigned char *at = (const unsigned char *)text->s;

	for (size_t left = text->len; left;) {
		size_t size;

		FUZZ_CHECK(left >= SOUND_HEAD);
		size = tag_read_u32(at);
		FUZZ_CHECK(size > 0 && size <= TALK_PIECE);
		FUZZ_CHECK(!(tag_read_u32(at + 16) & 0xffffff00));
		if (tag_read_u32(at + 4) == SOUND_CONTROL) {
			FUZZ_CHECK(left >= SOUND_HEAD + size);
			check_command(at + SOUND_HEAD, size);
		}
		if (left < SOUND_HEAD + size)
			return; /* of sound, what has come so far */
		at += SOUND_HEAD + size;
		left -= SOUND_HEAD + size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = {data, data + size};
	unsigned streams = 0;
	struct talk talk;
	int r = 0;

	if (size > MAX_INPUT || !size)
		return 0;
	talk_begin(&talk, *data & 1, &streams);
	while (r == 0 && bytes.next < bytes.end) {
		bool server = fuzz_take(&bytes, 1) & 0x80;
		size_t left, said = (size_t)fuzz_take(&bytes, 2);
		autofree uint8_t *exact = NULL;

		left = (size_t)(bytes.end - bytes.next);
		said = said < left ? said : left;
		exact = xmalloc(said + 1);
		memcpy(exact, bytes.next, said);
		bytes.next += said;
		r = server ? talk_of_server(&talk, exact, said) : talk_of_client(&talk, exact, said);
		FUZZ_CHECK(r == 0 || r == -EBADMSG);
		FUZZ_CHECK(streams <= SOUND_ALL_STREAMS && talk.filter.stream_count <= streams);
		FUZZ_CHECK(talk.client.packet.len <= TALK_PACKET_CLIENT &&
			   talk.server.packet.len <= TALK_PACKET_SERVER);
	}
	check_stream(&talk.server.to);
	talk_done(&talk);
	FUZZ_CHECK(streams == 0);
	return 0;
}
