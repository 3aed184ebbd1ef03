/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts: what the two halves of the filter share, and nobody else uses. */
#pragma once

#include "sound/filter.h"
#include "sound/tags.h"

/* Numbers of the protocol. */
enum sound_error { SOUND_OK = 0, SOUND_ACCESS = 1, SOUND_NO_ENTITY = 5, SOUND_BUSY = 26 };
enum { SOUND_ERROR = 0, SOUND_REPLY = 2 };

/* No client's: of what is said from here, whose answer goes no further. The highest is of what nobody has asked for. */
#define SOUND_OWN_TAG (UINT32_MAX - 1)

/* Begins a packet, with room for its head; sound_end() fills that. */
size_t sound_begin(struct str *out, uint32_t command, uint32_t tag) __attribute__((nonnull));
void sound_end(struct str *out, size_t start) __attribute__((nonnull));

/* Answers a command with an error. Always 0. */
int sound_refuse(struct str *client, uint32_t tag, enum sound_error error) __attribute__((nonnull));

struct sound_stream *sound_find(const struct sound_filter *f, uint32_t channel, bool record) __attribute__((nonnull));
bool sound_owns(const struct sound_filter *f, uint32_t index, bool record) __attribute__((nonnull));
void sound_forget(struct sound_filter *f, uint32_t channel, bool record) __attribute__((nonnull));
/* That of an AUTH: no later one than is known, and no shared memory. */
uint32_t sound_version(uint32_t word);
/* The events that a client may have, as the mask that it asks for. */
uint32_t sound_events(bool record);
/* Is it the name of what a device plays, as a device that records? Of no name nobody knows. */
bool sound_is_monitor(const char *name);
