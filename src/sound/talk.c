/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sound/talk.h"

#include <errno.h>
#include <string.h>

#include "sound/tags.h"

enum { SEEK_BITS = 0xff }; /* of the flags; all others are of shared memory */

void talk_begin(struct talk *t, bool record, unsigned *streams)
{
	*t = (struct talk){.filter = {.record = record, .streams = streams}};
}

static void side_done(struct talk_side *side)
{
	str_done(&side->packet);
	str_done(&side->to);
	str_done(&side->later);
}

void talk_done(struct talk *t)
{
	sound_filter_done(&t->filter);
	side_done(&t->client);
	side_done(&t->server);
}

bool talk_hears_client(const struct talk *t)
{
	return t->server.to.len < TALK_FULL && t->client.to.len < TALK_FULL && t->client.later.len < TALK_FULL;
}

bool talk_hears_server(const struct talk *t)
{
	return t->client.to.len < TALK_FULL;
}

/* The side that is heard, and the other one. */
struct ear {
	struct talk *talk;
	struct talk_side *side, *other;
};

static bool is_client(const struct ear *ear)
{
	return ear->side == &ear->talk->client;
}

static int take_packet(const struct ear *ear)
{
	struct talk_side *side = ear->side;
	struct sound_filter *f = &ear->talk->filter;
	/* what is said back waits while a piece of sound is on its way there */
	struct str *on = &ear->other->to, *back = ear->other->state == TALK_PASS ? &side->later : &side->to;

	return is_client(ear) ? sound_of_client(f, side->packet.s, side->packet.len, on, back)
			      : sound_of_server(f, side->packet.s, side->packet.len, on, back);
}

static bool passes(const struct ear *ear, uint32_t channel)
{
	return is_client(ear) ? sound_plays(&ear->talk->filter, channel) : sound_records(&ear->talk->filter, channel);
}

/* A head is whole: what is behind it? */
static int begin(const struct ear *ear)
{
	struct talk_side *side = ear->side;
	size_t size = tag_read_u32(side->head), most = is_client(ear) ? TALK_PACKET_CLIENT : TALK_PACKET_SERVER;
	uint32_t channel = tag_read_u32(side->head + 4), flags = tag_read_u32(side->head + 16);

	side->head_size = 0;
	side->left = size;
	if (channel == SOUND_CONTROL) {
		side->packet.len = 0;
		side->state = TALK_PACKET;
		return size && size <= most && !flags ? 0 : -EBADMSG;
	}
	if (!size || size > TALK_PIECE || flags & ~(uint32_t)SEEK_BITS)
		return -EBADMSG;
	side->state = passes(ear, channel) ? TALK_PASS : TALK_DROP;
	if (side->state == TALK_PASS)
		str_add_bytes(&ear->other->to, side->head, sizeof side->head);
	return 0;
}

/* All that was behind a head has come. */
static int finish(const struct ear *ear)
{
	int r = ear->side->state == TALK_PACKET ? take_packet(ear) : 0;
	struct str *later = &ear->other->later;

	ear->side->state = TALK_HEAD;
	if (later->len)
		str_add_bytes(&ear->other->to, later->s, later->len);
	later->len = 0;
	return r;
}

/* As much as is there, of the head or of what follows it. */
static size_t take_bytes(const struct ear *ear, const unsigned char *bytes, size_t size)
{
	struct talk_side *side = ear->side;
	size_t want = side->state == TALK_HEAD ? sizeof side->head - side->head_size : side->left;
	size_t got = size < want ? size : want;

	if (side->state == TALK_HEAD) {
		memcpy(side->head + side->head_size, bytes, got);
		side->head_size += got;
		return got;
	}
	if (side->state != TALK_DROP)
		str_add_bytes(side->state == TALK_PASS ? &ear->other->to : &side->packet, bytes, got);
	side->left -= got;
	return got;
}

static int hear(const struct ear *ear, const unsigned char *at, size_t size)
{
	const struct talk_side *side = ear->side;
	int r = 0;

	for (const unsigned char *end = at + size; r == 0 && at < end;) {
		at += take_bytes(ear, at, (size_t)(end - at));
		if (side->state == TALK_HEAD && side->head_size == sizeof side->head)
			r = begin(ear);
		else if (side->state != TALK_HEAD && !side->left)
			r = finish(ear);
	}
	return r;
}

int talk_of_client(struct talk *t, const void *bytes, size_t size)
{
	const struct ear ear = {t, &t->client, &t->server};

	return hear(&ear, bytes, size);
}

int talk_of_server(struct talk *t, const void *bytes, size_t size)
{
	const struct ear ear = {t, &t->server, &t->client};

	return hear(&ear, bytes, size);
}
