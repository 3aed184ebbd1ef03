/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sound/tags.h"

#include <errno.h>
#include <string.h>

enum { MAX_CHANNELS = 32, MAX_KEYS = 256, MAX_VALUE = 4096 };

uint32_t tag_read_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void tag_add_u32(struct str *out, uint32_t number)
{
	const unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
					(unsigned char)(number >> 8), (unsigned char)number};

	str_add_bytes(out, bytes, sizeof bytes);
}

/* --- how long a value is, with its first byte; 0: it is none, or is cut short --- */
static size_t text_size(const unsigned char *at, size_t left)
{
	const unsigned char *nul = memchr(at, 0, left);

	return nul ? (size_t)(nul - at) + 1 : 0;
}

static size_t bytes_size(const unsigned char *at, size_t left)
{
	size_t size = left >= 5 ? tag_read_u32(at + 1) : 0;

	return left >= 5 && size <= left - 5 ? 5 + size : 0;
}

static size_t channels_size(const unsigned char *at, size_t left, size_t each)
{
	return left >= 2 && at[1] <= MAX_CHANNELS && (size_t)at[1] * each <= left - 2 ? 2 + at[1] * each : 0;
}

/* One property: a TEXT, a U32 and BYTES of as many. */
static size_t property_size(const unsigned char *at, size_t left)
{
	size_t key = left && *at == TAG_TEXT ? text_size(at, left) : 0, value;

	if (!key || left - key < 6 || at[key] != TAG_U32 || at[key + 5] != TAG_BYTES)
		return 0;
	value = bytes_size(at + key + 5, left - key - 5);
	return value && value - 5 == tag_read_u32(at + key + 1) ? key + 5 + value : 0;
}

/* They end with a NULL_TEXT. */
static size_t properties_size(const unsigned char *at, size_t left)
{
	size_t size = 1;

	for (unsigned i = 0; i <= MAX_KEYS && size < left; i++) {
		size_t one;

		if (at[size] == TAG_NULL_TEXT)
			return size + 1;
		one = property_size(at + size, left - size);
		if (!one)
			return 0;
		size += one;
	}
	return 0;
}

static size_t format_size(const unsigned char *at, size_t left)
{
	size_t rest = left > 3 && at[1] == TAG_U8 && at[3] == TAG_PROPERTIES ? properties_size(at + 3, left - 3) : 0;

	return rest ? 3 + rest : 0;
}

static size_t value_size(const unsigned char *at, size_t left)
{
	switch ((enum tag_type) * at) {
	case TAG_NULL_TEXT:
	case TAG_TRUE:
	case TAG_FALSE:
		return 1;
	case TAG_U8:
		return 2;
	case TAG_U32:
	case TAG_VOLUME:
		return 5;
	case TAG_SAMPLES:
		return 7;
	case TAG_U64:
	case TAG_S64:
	case TAG_TIME:
	case TAG_US:
		return 9;
	case TAG_TEXT:
		return text_size(at, left);
	case TAG_BYTES:
		return bytes_size(at, left);
	case TAG_CHANNELS:
		return channels_size(at, left, 1);
	case TAG_VOLUMES:
		return channels_size(at, left, 4);
	case TAG_PROPERTIES:
		return properties_size(at, left);
	case TAG_FORMAT:
		return format_size(at, left);
	}
	return 0;
}

int tags_next(struct tags *tags, struct tag *ret)
{
	size_t left = (size_t)(tags->end - tags->at), size;

	if (!left)
		return 0;
	size = value_size(tags->at, left);
	if (!size || size > left)
		return -EBADMSG;
	*ret = (struct tag){.type = *tags->at, .start = tags->at, .size = size};
	if (ret->type == TAG_U32)
		ret->number = tag_read_u32(tags->at + 1);
	else if (ret->type == TAG_U8)
		ret->number = tags->at[1];
	else if (ret->type == TAG_TEXT)
		ret->text = (const char *)tags->at + 1;
	tags->at += size;
	return 1;
}

int tags_number(struct tags *tags, uint32_t *ret)
{
	struct tag tag;

	if (tags_next(tags, &tag) != 1 || tag.type != TAG_U32)
		return -EBADMSG;
	*ret = tag.number;
	return 0;
}

/* --- writing --- */
void tag_add_number(struct str *out, uint32_t number)
{
	str_add_bytes(out, "L", 1);
	tag_add_u32(out, number);
}

void tag_add_text(struct str *out, const char *text)
{
	str_add_bytes(out, "t", 1);
	str_add_bytes(out, text, strlen(text) + 1);
}

/* From the TAG_PROPERTIES on. What is too long is left out, too. */
static void copy_properties(struct str *out, const unsigned char *at, bool (*keep)(const char *key))
{
	str_add_bytes(out, "P", 1);
	for (at++; *at != TAG_NULL_TEXT;) {
		size_t key = strlen((const char *)at) + 1, value = tag_read_u32(at + key + 1), all = key + 10 + value;

		if (value <= MAX_VALUE && keep((const char *)at + 1))
			str_add_bytes(out, at, all);
		at += all;
	}
	str_add_bytes(out, "N", 1);
}

void tag_copy(struct str *out, const struct tag *tag, bool (*keep)(const char *key))
{
	size_t before = tag->type == TAG_FORMAT ? 3 : tag->type == TAG_PROPERTIES ? 0 : tag->size;

	str_add_bytes(out, tag->start, before);
	if (before < tag->size)
		copy_properties(out, tag->start + before, keep);
}
