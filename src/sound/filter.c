/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter, the client's half: each command is passed on, answered here, or refused. Never silence: a program would wait
 * for the answer. */
#include "sound/filter.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "sound/parts.h"

enum rule {
	REFUSE,
	PASS,
	AUTH,      /* without shared memory, and of a version that is known */
	PLAY,      /* makes a stream */
	RECORD,    /* likewise, if the profile says so */
	STREAM,    /* of a stream of this connection, by its channel */
	DELETE,    /* likewise, and it is gone */
	PLAYED,    /* likewise, by its index: that of others is not there */
	RECORDED,  /* likewise */
	SOURCE,    /* of a microphone: is not there if the profile gives none */
	SOURCES,   /* a list of them: is empty then */
	NOTHING,   /* a list of other programs' things: is always empty */
	SUBSCRIBE, /* to events: only to those of rule_events */
};

static const unsigned char rules[] = {
#define C(number, name, rule) [number] = rule,
#include "sound/commands.def"
#undef C
};

static enum rule rule_of(uint32_t command)
{
	return command < countof(rules) ? (enum rule)rules[command] : REFUSE;
}

/* Of a stream, and of a client: what a person reads in a mixer. None of them makes the server do anything: not
 * media.role, by which other programs' streams are made silent, nor filter.want and target.object. */
static bool keep_property(const char *key)
{
	static const char *const kept[] = {
		"media.name",          "media.title",          "media.artist",          "media.copyright",
		"media.software",      "media.language",       "application.name",      "application.id",
		"application.version", "application.language", "application.icon_name", "application.process.binary",
		"format.rate",         "format.sample_format", "format.channels",       "format.channel_map"};

	for (size_t i = 0; i < countof(kept); i++)
		if (str_eq(key, kept[i]))
			return true;
	return false;
}

/* --- packets --- */
size_t sound_begin(struct str *out, uint32_t command, uint32_t tag)
{
	static const unsigned char head[SOUND_HEAD] = {[4] = 255, [5] = 255, [6] = 255, [7] = 255};
	size_t start = out->len;

	str_add_bytes(out, head, sizeof head);
	tag_add_number(out, command);
	tag_add_number(out, tag);
	return start;
}

void sound_end(struct str *out, size_t start)
{
	size_t size = out->len - start - SOUND_HEAD;

	for (unsigned i = 0; i < 4; i++)
		out->s[start + i] = (char)(size >> (24 - 8 * i));
}

int sound_refuse(struct str *client, uint32_t tag, enum sound_error error)
{
	size_t start = sound_begin(client, SOUND_ERROR, tag);

	tag_add_number(client, error);
	sound_end(client, start);
	return 0;
}

static int empty(struct str *client, uint32_t tag)
{
	sound_end(client, sound_begin(client, SOUND_REPLY, tag));
	return 0;
}

/* --- streams --- */
struct sound_stream *sound_find(const struct sound_filter *f, uint32_t channel, bool record)
{
	for (size_t i = 0; i < f->stream_count; i++)
		if (f->stream[i].channel == channel && f->stream[i].record == record)
			return (struct sound_stream *)(uintptr_t)&f->stream[i];
	return NULL;
}

bool sound_owns(const struct sound_filter *f, uint32_t index, bool record)
{
	for (size_t i = 0; i < f->stream_count; i++)
		if (f->stream[i].index == index && f->stream[i].record == record)
			return true;
	return false;
}

void sound_forget(struct sound_filter *f, uint32_t channel, bool record)
{
	struct sound_stream *stream = sound_find(f, channel, record);

	if (!stream)
		return;
	*stream = f->stream[--f->stream_count];
	--*f->streams;
}

static bool makes_stream(uint32_t command)
{
	return rule_of(command) == PLAY || rule_of(command) == RECORD;
}

void sound_filter_done(struct sound_filter *f)
{
	for (size_t i = 0; i < f->pending_count; i++)
		*f->streams -= makes_stream(f->pending[i].command);
	*f->streams -= (unsigned)f->stream_count;
	f->pending_count = f->stream_count = 0;
}

bool sound_plays(const struct sound_filter *f, uint32_t channel)
{
	return sound_find(f, channel, false);
}

bool sound_records(const struct sound_filter *f, uint32_t channel)
{
	const struct sound_stream *stream = sound_find(f, channel, true);

	return stream && !stream->mute;
}

/* --- one command --- */
struct command {
	uint32_t number, tag, first; /* first: its first number; 0 if there is none */
	bool numbered;               /* there is one */
	struct tags all;             /* behind the tag */
};

static int read_command(const void *packet, size_t size, struct command *ret)
{
	struct tags tags = {packet, (const unsigned char *)packet + size};
	struct command command = {0};
	struct tag first;
	int r = tags_number(&tags, &command.number);

	if (r == 0)
		r = tags_number(&tags, &command.tag);
	if (r < 0)
		return r;
	command.all = tags;
	r = tags_next(&tags, &first);
	if (r < 0)
		return r;
	command.numbered = r == 1 && first.type == TAG_U32;
	command.first = command.numbered ? first.number : 0;
	*ret = command;
	return 0;
}

/* A recording of what another program plays is asked for by the number of its stream, behind the properties, or by the
 * name of a device's monitor. That no such device is there under another name, the server's answer says. */
static bool wants_monitor(const struct command *command)
{
	struct tags tags = command->all;
	bool behind = false;
	struct tag tag;

	while (tags_next(&tags, &tag) == 1) {
		if (tag.type == TAG_TEXT && *tag.text && sound_is_monitor(tag.text))
			return true;
		if (behind && tag.type == TAG_U32 && tag.number != UINT32_MAX)
			return true;
		behind |= tag.type == TAG_PROPERTIES;
	}
	return false;
}

static bool is_own(const struct sound_filter *f, const struct command *command, bool record)
{
	return command->numbered && sound_owns(f, command->first, record);
}

static bool is_record(uint32_t command)
{
	static const unsigned char recording[] = {6, 47, 57, 58, 59, 73, 75, 80};

	return memchr(recording, (int)command, sizeof recording);
}

/* SOUND_OK: it is passed on. */
static enum sound_error judge(const struct sound_filter *f, const struct command *command)
{
	switch (rule_of(command->number)) {
	case RECORD:
		if (!f->record || wants_monitor(command))
			return SOUND_ACCESS;
		__attribute__((fallthrough));
	case PLAY:
		return *f->streams < SOUND_ALL_STREAMS ? SOUND_OK : SOUND_BUSY;
	case STREAM:
	case DELETE:
		return command->numbered && sound_find(f, command->first, is_record(command->number)) ? SOUND_OK
												      : SOUND_NO_ENTITY;
	case PLAYED:
		return is_own(f, command, false) ? SOUND_OK : SOUND_NO_ENTITY;
	case RECORDED:
		return is_own(f, command, true) ? SOUND_OK : SOUND_NO_ENTITY;
	case SOURCE:
		return f->record ? SOUND_OK : SOUND_NO_ENTITY;
	case SOURCES:
	case PASS:
		return SOUND_OK;
	case AUTH:
	case SUBSCRIBE:
		return command->numbered ? SOUND_OK : SOUND_ACCESS;
	case NOTHING:
	case REFUSE:
		break;
	}
	return SOUND_ACCESS;
}

uint32_t sound_version(uint32_t word)
{
	uint32_t version = word & 0xffff; /* above are: shared memory, and that by memfd */

	return version < SOUND_VERSION ? version : SOUND_VERSION;
}

static void pass_on(const struct command *command, uint32_t first, struct str *server)
{
	size_t start = sound_begin(server, command->number, command->tag);
	struct tags tags = command->all;
	struct tag tag;

	if (command->numbered && tags_next(&tags, &tag) == 1)
		tag_add_number(server, first);
	while (tags_next(&tags, &tag) == 1)
		tag_copy(server, &tag, keep_property);
	sound_end(server, start);
}

static bool is_whole(const struct command *command)
{
	struct tags tags = command->all;
	struct tag tag;
	int r;

	do
		r = tags_next(&tags, &tag);
	while (r == 1);
	return r == 0;
}

/* A tag that is used twice would give one command the answer to another. */
static bool is_pending(const struct sound_filter *f, uint32_t tag)
{
	for (size_t i = 0; i < f->pending_count; i++)
		if (f->pending[i].tag == tag)
			return true;
	return false;
}

int sound_of_client(struct sound_filter *f, const void *packet, size_t size, struct str *server, struct str *client)
{
	struct command command;
	uint32_t first;
	enum rule rule;
	enum sound_error error;

	if (read_command(packet, size, &command) < 0 || !is_whole(&command) || is_pending(f, command.tag))
		return -EBADMSG;
	rule = rule_of(command.number);
	if (rule == NOTHING || (rule == SOURCES && !f->record))
		return empty(client, command.tag);
	error = f->pending_count < SOUND_PENDING ? judge(f, &command) : SOUND_BUSY;
	if (error != SOUND_OK)
		return sound_refuse(client, command.tag, error);
	if (command.tag >= SOUND_OWN_TAG)
		return -EBADMSG;
	first = command.first;
	if (rule == AUTH)
		first = sound_version(first);
	else if (rule == SUBSCRIBE)
		first &= sound_events(f->record);
	else if (rule == DELETE)
		sound_forget(f, first, is_record(command.number));
	*f->streams += makes_stream(command.number);
	f->pending[f->pending_count++] = (struct sound_pending){command.tag, command.number};
	pass_on(&command, first, server);
	return 0;
}
