/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* session: what the words of `sbxctl session` share. */
#pragma once

#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "session/read.h"

/* One overlay of a session, and what it has changed. */
struct shown {
	struct session_overlay overlay;
	int *lower; /* the folder, or the layers of the image from the top down; owned */
	size_t lowers;
	struct changes changes;
};

#define SHOWN_NONE                                                                                                     \
	{                                                                                                              \
		.overlay = SESSION_OVERLAY_NONE                                                                        \
	}

/* session.c */
/* Opens and locks a session by its name. */
int session_by_name(const struct ctl *ctl, const char *name, enum session_use use, struct session *ret, struct err *e)
	__attribute__((nonnull));
int shown_read(struct ctl *ctl, const struct session *session, const char *id, struct shown *ret, struct err *e)
	__attribute__((nonnull));
void shown_done(struct shown *shown);

/* Each is a word of `sbxctl session`, with what stands behind it; an exit status. */
int session_commit(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int session_discard(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* session-show.c */
int session_list(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int session_diff(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* One line of what has changed. */
struct json *session_change(const struct shown *shown, const struct change *change) __attribute__((nonnull));
void session_line(const struct shown *shown, const struct change *change, struct str *out) __attribute__((nonnull));
