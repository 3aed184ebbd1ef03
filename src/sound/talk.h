/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* talk: one connection between a program and the sound server, as bytes in and bytes out. Commands are held until they
 * are whole, and go through the filter; sound passes at once, whatever the size of its pieces, so that what is held is
 * bounded. Pure. */
#pragma once

#include "sound/filter.h"

enum {
	TALK_PACKET_CLIENT = 64 << 10,
	TALK_PACKET_SERVER = 1 << 20, /* lists of devices */
	TALK_PIECE = 16 << 20,        /* of sound; as the servers have it */
	/* Who has so much to send gets no more to read. What is over is what one packet has become. */
	TALK_FULL = 64 << 10,
};

/* What comes from one side, and what is to be sent to it. */
struct talk_side {
	unsigned char head[SOUND_HEAD];
	size_t head_size;
	size_t left; /* of what follows the head */
	enum { TALK_HEAD, TALK_PACKET, TALK_PASS, TALK_DROP } state;
	struct str packet;
	struct str to;
	struct str later; /* likewise, when the piece of sound that is on its way there is over */
};

struct talk {
	struct sound_filter filter;
	struct talk_side client, server;
};

void talk_begin(struct talk *t, bool record, unsigned *streams) __attribute__((nonnull));
/* 0, or -EBADMSG: the connection has to end. */
int talk_of_client(struct talk *t, const void *bytes, size_t size) __attribute__((nonnull));
int talk_of_server(struct talk *t, const void *bytes, size_t size) __attribute__((nonnull));
/* May more be read from there? */
bool talk_hears_client(const struct talk *t) __attribute__((nonnull));
bool talk_hears_server(const struct talk *t) __attribute__((nonnull));
void talk_done(struct talk *t) __attribute__((nonnull));
