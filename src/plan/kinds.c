/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kinds: the table of steps. */
#include "plan/plan.h"

const struct step_info step_info[STEP_COUNT] = {
#define K(id, name, actor, phase, syscalls, help) [STEP_##id] = {name, ACTOR_##actor, PHASE_##phase, syscalls, help},
#include "plan/kinds.def"
#undef K
};
