/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pair: sandboxes that talk with each other. The first is in the middle; each of the others, its partners, is joined to
 * it by two pipes, whose ends the programs have themselves:
 *
 *   sbx 0 (stdout) ==pipe==> (stdin) sbx 1 (stdout) ==pipe==> (stdin) sbx 0
 *
 * Further partners are at fds 3 and 4, 5 and 6 ... of the first: to read from, to write to. sbxctl moves no byte,
 * unless a transcript is asked for. When a program has ended, it reads what is still sent to that, so that nobody is
 * ended by SIGPIPE for another's end. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* More is not written to a transcript: what programs say has no other limit. */
enum { TRANSCRIPT_MAX = 64 << 20 };

/* flow.c: one direction. */
struct flow {
	int from;         /* owned; -1: at its end */
	int to;           /* owned; -1: what comes is thrown away */
	bool active;      /* else `from` is only held, for later */
	int log;          /* of the transcript, borrowed; -1 */
	int64_t *room;    /* of all flows: how much the transcript may still get */
	const char *name; /* in the transcript: "0>1"; borrowed */
	struct str pending;
	size_t written; /* of pending */
};

/* What to wait for; false: nothing. */
bool flow_poll(const struct flow *flow, struct pollfd *ret) __attribute__((nonnull));
/* Moves what can be moved without blocking. 0, or negative errno of the transcript. */
int flow_move(struct flow *flow) __attribute__((nonnull));
void flow_close(struct flow *flow) __attribute__((nonnull));
