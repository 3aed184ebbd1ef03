/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opener: the profiles that desktop.open names, and what each says of itself. */
#pragma once

#include "policy/profile.h"

/* Fills p->opener, in the order of the list; nothing where `no` is in it. Each profile is laid by itself; one that is
 * wrong, or opens nothing, is an error. */
void policy_find_openers(struct policy *p, const struct profile_folders *folders, const struct variables *vars,
			 struct errlist *errors) __attribute__((nonnull));
