/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answers: the server's half of the filter. The server is trusted, but it tells of other programs. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "sound/parts.h"

/* Commands of the server. */
enum {
	REQUEST = 61,
	OVERFLOW = 62,
	UNDERFLOW = 63,
	PLAYBACK_KILLED = 64,
	RECORD_KILLED = 65,
	EVENT = 66,
	PLAYBACK_SUSPENDED = 76,
	RECORD_SUSPENDED = 77,
	PLAYBACK_MOVED = 78,
	RECORD_MOVED = 79,
	STARTED = 86,
	PLAYBACK_EVENT = 92,
	RECORD_EVENT = 93,
	PLAYBACK_BUFFER = 94,
	RECORD_BUFFER = 95,
};

/* Commands of the client whose answers are not passed on as they are. */
enum { CREATE_PLAYBACK = 3, CREATE_RECORD = 5, AUTH = 8, GET_SERVER_INFO = 20 };

enum { DELETE_RECORD = 6 }; /* said from here */

/* What an event is of: its low bits; 1 << it in the mask of SUBSCRIBE. */
enum { OF_SINK, OF_SOURCE, OF_SINK_INPUT, OF_SOURCE_OUTPUT, OF_SERVER = 7, OF_MASK = 15 };

uint32_t sound_events(bool record)
{
	uint32_t always = 1 << OF_SINK | 1 << OF_SINK_INPUT | 1 << OF_SERVER;

	return record ? always | 1 << OF_SOURCE | 1 << OF_SOURCE_OUTPUT : always;
}

bool sound_is_monitor(const char *name)
{
	static const char end[] = ".monitor", other[] = "@DEFAULT_MONITOR@";
	size_t size = name ? strlen(name) : 0;

	return size == 0 || str_eq(name, other) ||
	       (size >= sizeof end - 1 && str_eq(name + size - (sizeof end - 1), end));
}

/* A stream's event is for who has the stream. */
static bool wants_event(const struct sound_filter *f, struct tags tags)
{
	uint32_t event, index;

	if (tags_number(&tags, &event) < 0 || tags_number(&tags, &index) < 0)
		return false;
	event &= OF_MASK;
	if (event == OF_SINK_INPUT || event == OF_SOURCE_OUTPUT)
		return sound_owns(f, index, event == OF_SOURCE_OUTPUT);
	return sound_events(f->record) >> event & 1;
}

/* The first text that is in there is the device's name. */
static bool is_of_monitor(struct tags tags)
{
	struct tag tag;

	while (tags_next(&tags, &tag) == 1)
		if (tag.type == TAG_TEXT || tag.type == TAG_NULL_TEXT)
			return sound_is_monitor(tag.text);
	return true;
}

static int add_stream(struct sound_filter *f, struct tags tags, bool record)
{
	struct sound_stream stream = {.record = record};

	if (tags_number(&tags, &stream.channel) < 0 || tags_number(&tags, &stream.index) < 0 ||
	    f->stream_count == SOUND_STREAMS || sound_find(f, stream.channel, record))
		return -EBADMSG;
	f->stream[f->stream_count++] = stream;
	return 0;
}

/* What it would record is what other programs play: it is taken back, and refused. */
static int take_back(uint32_t tag, struct tags tags, struct str *client, struct str *server)
{
	uint32_t channel;
	size_t start;

	if (tags_number(&tags, &channel) < 0)
		return -EBADMSG;
	start = sound_begin(server, DELETE_RECORD, SOUND_OWN_TAG);
	tag_add_number(server, channel);
	sound_end(server, start);
	return sound_refuse(client, tag, SOUND_ACCESS);
}

/* The user's and the host's name, its third and fourth text, are the host's. */
static void hide_names(struct tags tags, struct str *client)
{
	static const char *const names[] = {[2] = "user", [3] = "sandbox"};
	struct tag tag;

	for (size_t texts = 0; tags_next(&tags, &tag) == 1;) {
		size_t at = tag.type == TAG_TEXT || tag.type == TAG_NULL_TEXT ? texts++ : 0;

		if (at >= 2 && at < countof(names))
			tag_add_text(client, names[at]);
		else
			str_add_bytes(client, tag.start, tag.size);
	}
}

/* The command that it answers; UINT32_MAX: none. */
static uint32_t answered(struct sound_filter *f, uint32_t tag)
{
	for (size_t i = 0; i < f->pending_count; i++) {
		if (f->pending[i].tag == tag) {
			uint32_t command = f->pending[i].command;

			f->pending[i] = f->pending[--f->pending_count];
			return command;
		}
	}
	return UINT32_MAX;
}

static int pass_reply(uint32_t command, uint32_t tag, struct tags tags, struct str *client)
{
	size_t start = sound_begin(client, SOUND_REPLY, tag);
	uint32_t version;

	if (command == AUTH) {
		if (tags_number(&tags, &version) < 0)
			return -EBADMSG;
		tag_add_number(client, sound_version(version));
	}
	if (command == GET_SERVER_INFO)
		hide_names(tags, client);
	else
		str_add_bytes(client, tags.at, (size_t)(tags.end - tags.at));
	sound_end(client, start);
	return 0;
}

static int reply(struct sound_filter *f, uint32_t command, uint32_t tag, struct tags tags, struct str *client,
		 struct str *server)
{
	bool makes = command == CREATE_PLAYBACK || command == CREATE_RECORD,
	     back = command == CREATE_RECORD && is_of_monitor(tags);
	int r = makes && !back ? add_stream(f, tags, command == CREATE_RECORD) : 0;

	if (back || r < 0)
		--*f->streams;
	if (r < 0)
		return r;
	return back ? take_back(tag, tags, client, server) : pass_reply(command, tag, tags, client);
}

static bool wants(struct sound_filter *f, uint32_t command, struct tags tags)
{
	struct tags rest = tags;
	struct sound_stream *stream;
	uint32_t channel;

	switch (command) {
	case EVENT:
		return wants_event(f, tags);
	case PLAYBACK_KILLED:
	case RECORD_KILLED:
		if (tags_number(&rest, &channel) == 0)
			sound_forget(f, channel, command == RECORD_KILLED);
		return true;
	case RECORD_MOVED:
		stream = tags_number(&rest, &channel) == 0 ? sound_find(f, channel, true) : NULL;
		if (stream)
			stream->mute = is_of_monitor(rest);
		return stream;
	case REQUEST:
	case OVERFLOW:
	case UNDERFLOW:
	case PLAYBACK_SUSPENDED:
	case RECORD_SUSPENDED:
	case PLAYBACK_MOVED:
	case STARTED:
	case PLAYBACK_EVENT:
	case RECORD_EVENT:
	case PLAYBACK_BUFFER:
	case RECORD_BUFFER:
		return true;
	}
	return false; /* shared memory, what later versions add */
}

int sound_of_server(struct sound_filter *f, const void *packet, size_t size, struct str *client, struct str *server)
{
	struct tags tags = {packet, (const unsigned char *)packet + size};
	uint32_t command, tag, question;
	size_t start;

	if (tags_number(&tags, &command) < 0 || tags_number(&tags, &tag) < 0)
		return -EBADMSG;
	if (command == SOUND_REPLY || command == SOUND_ERROR) {
		question = answered(f, tag);
		if (question == UINT32_MAX)
			return 0; /* it has been answered */
		if (command == SOUND_REPLY)
			return reply(f, question, tag, tags, client, server);
		*f->streams -= question == CREATE_PLAYBACK || question == CREATE_RECORD;
	} else if (!wants(f, command, tags)) {
		return 0;
	}
	start = sound_begin(client, command, tag);
	str_add_bytes(client, tags.at, (size_t)(tags.end - tags.at));
	sound_end(client, start);
	return 0;
}
