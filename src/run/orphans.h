/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* orphans: without a pid namespace, processes that outlive an init which was killed. */
#pragma once

#include "plan/plan.h"

/* Without namespaces the monitor becomes the reaper of what init would leave; else does nothing. */
int orphans_expect(const struct plan *plan, struct err *e) __attribute__((nonnull));
/* After init is dead: kills and reaps all children that are left, theirs too. */
void orphans_end(const struct plan *plan) __attribute__((nonnull));
