/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both have one memory, and with it libc's errno. So one of them is always in the kernel, by a call that does not touch
 * that: it waits for its turn. */
#include "init/many-ids.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/raw.h"

static void wait_while(volatile int *turn, int is)
{
	while (*turn == is)
		(void)raw_call(SYS_futex, (long)(uintptr_t)turn, FUTEX_WAIT, is, 0, 0);
}

static void give_turn(volatile int *turn, int to)
{
	__atomic_store_n(turn, to, __ATOMIC_SEQ_CST);
	(void)raw_call(SYS_futex, (long)(uintptr_t)turn, FUTEX_WAKE, 1, 0, 0);
}

static int map(const struct sandbox *s, const struct step *step, int payload)
{
	char path[32];
	int r;

	(void)snprintf(path, sizeof path, "%d/uid_map", payload);
	r = fd_write_file(s->proc, path, plan_text(s->plan, step->a));
	(void)snprintf(path, sizeof path, "%d/gid_map", payload);
	return r < 0 ? r : fd_write_file(s->proc, path, plan_text(s->plan, step->b));
}

void many_ids_map(struct sandbox *s, const struct step *step, int payload)
{
	int r;

	wait_while(&s->turn, TURN_PAYLOAD_BEGINS);
	if (s->turn == TURN_INIT) /* it has ended already */
		return;
	r = map(s, step, payload);
	if (r < 0)
		(void)err_errno(&s->err, -r, "map the ids of the payload");
	give_turn(&s->turn, TURN_PAYLOAD);
	wait_while(&s->turn, TURN_PAYLOAD);
}

int many_ids_ask(struct sandbox *s)
{
	give_turn(&s->turn, TURN_INIT_MAPS);
	wait_while(&s->turn, TURN_INIT_MAPS);
	return -s->err.code;
}
