/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* second: a second start of a program that runs once (process.instances). It becomes a command in the sandbox of
 * the first, by all the steps that confine that one (joining.h); files that it names are shown there as `sbxctl grant`
 * shows them. What decides is the caller's own: its profiles, its records and pidfds. Nothing that a program inside has
 * written is read. */
#pragma once

#include "live/instance.h"
#include "live/live.h"
#include "planned.h"

/* 1: it is the first: nobody else is until live_instance_done. 0: it was done by the one that runs; *ret_status: of the
 * command, as a shell has it. Fails if the command did not run; *ret_status: 126, 127, or 0 where sbx failed. */
int second_start(const struct planned *planned, struct live_instance *instance, int *ret_status, struct err *e)
	__attribute__((nonnull));

/* second-files.c: the words of a command line, as they are to be in a sandbox that runs: the files among them that it
 * does not see are granted to it. */
int second_words(const struct planned *planned, const struct live_entry *entry, const struct plan *bare,
		 struct strv *ret, struct err *e) __attribute__((nonnull));
