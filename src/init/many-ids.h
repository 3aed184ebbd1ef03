/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* many-ids: a payload whose user namespace has more ids than its own. Only init may map them, and only once the payload
 * is there: so the two don't run one after the other, as by a vfork, but in turns. */
#pragma once

#include "init/steps.h"

/* Whose turn it is. The kernel sets the last when the payload has executed a program, or ended (CLONE_CHILD_CLEARTID).
 */
enum ids_turn { TURN_PAYLOAD_BEGINS = 1, TURN_INIT_MAPS = 2, TURN_PAYLOAD = 3, TURN_INIT = 0 };

/* Of init, when it has made the payload: maps its ids when it asks for that, and waits for the last turn. */
void many_ids_map(struct sandbox *s, const struct step *step, int payload) __attribute__((nonnull));
/* Of the payload: asks, and waits. What went wrong is in s->err. */
int many_ids_ask(struct sandbox *s) __attribute__((nonnull));
