/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tags: the values of a command of PulseAudio's protocol. Each says by its first byte what it is, so that a whole
 * command can be walked, and copied in part, without knowing what it means. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum tag_type {
	TAG_TEXT = 't',
	TAG_NULL_TEXT = 'N',
	TAG_U32 = 'L',
	TAG_U8 = 'B',
	TAG_U64 = 'R',
	TAG_S64 = 'r',
	TAG_SAMPLES = 'a', /* form, channels, rate */
	TAG_BYTES = 'x',
	TAG_TRUE = '1',
	TAG_FALSE = '0',
	TAG_TIME = 'T',
	TAG_US = 'U',
	TAG_CHANNELS = 'm',
	TAG_VOLUMES = 'v',
	TAG_PROPERTIES = 'P',
	TAG_VOLUME = 'V',
	TAG_FORMAT = 'f', /* a U8 and PROPERTIES */
};

struct tags {
	const unsigned char *at, *end;
};

/* One value; it points into the command. */
struct tag {
	unsigned char type;
	const unsigned char *start;
	size_t size;      /* of all of it, with the first byte */
	uint32_t number;  /* U32, U8 */
	const char *text; /* TEXT; with its NUL */
};

/* 1: there was one more; 0: that was the last; -EBADMSG. */
int tags_next(struct tags *tags, struct tag *ret) __attribute__((nonnull));
/* The same, which must be a U32. 0 or -EBADMSG. */
int tags_number(struct tags *tags, uint32_t *ret) __attribute__((nonnull));

void tag_add_number(struct str *out, uint32_t number) __attribute__((nonnull));
void tag_add_text(struct str *out, const char *text) __attribute__((nonnull));
/* A copy, in which of properties only those are that keep() wants. */
void tag_copy(struct str *out, const struct tag *tag, bool (*keep)(const char *key)) __attribute__((nonnull));

uint32_t tag_read_u32(const unsigned char *bytes) __attribute__((nonnull));
void tag_add_u32(struct str *out, uint32_t number) __attribute__((nonnull)); /* four bytes, with no type */
