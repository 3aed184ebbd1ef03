/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter: what of one connection to a sound server is passed on. PulseAudio's protocol lets a client load modules,
 * which write files of the host and run code, listen to other programs, and mute them. Through here it has streams of
 * its own and what it must know to play them, and no more: other programs' streams are as if they were not there.
 *
 * A property of a stream can load a module, too (filter.want), so properties are passed on by name.
 *
 * Pure: packets in, packets out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
	SOUND_VERSION = 35,    /* of the protocol; what a later one adds is unknown here */
	SOUND_HEAD = 20,       /* before each packet and each piece of sound: size, channel, offset (2), flags */
	SOUND_ALL_STREAMS = 64 /* of all connections together; a server has 256 for each device */
};
#define SOUND_CONTROL UINT32_MAX /* the channel of commands */

enum { SOUND_PENDING = 256, SOUND_STREAMS = 64 };

/* What is known of one connection. Zero-initialise; sound_filter_done() gives the streams back. */
struct sound_filter {
	bool record;       /* the profile says that it may */
	unsigned *streams; /* how many there are, of all connections; borrowed */
	struct sound_pending {
		uint32_t tag, command;
	} pending[SOUND_PENDING]; /* what the server has not answered yet */
	size_t pending_count;
	struct sound_stream {
		uint32_t channel, index; /* its number for data; for other commands */
		bool record;
		bool mute; /* it has been moved to what other programs play */
	} stream[SOUND_STREAMS];
	size_t stream_count;
};

/* A packet without its head. What is to be sent, to either side, is added with heads. 0, or -EBADMSG: the connection
 * has to end. */
int sound_of_client(struct sound_filter *f, const void *packet, size_t size, struct str *server, struct str *client)
	__attribute__((nonnull));
int sound_of_server(struct sound_filter *f, const void *packet, size_t size, struct str *client, struct str *server)
	__attribute__((nonnull));
/* May sound on this channel be passed on? */
bool sound_plays(const struct sound_filter *f, uint32_t channel) __attribute__((nonnull));
bool sound_records(const struct sound_filter *f, uint32_t channel) __attribute__((nonnull));
void sound_filter_done(struct sound_filter *f) __attribute__((nonnull));
