/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* variables: what ${...} of a profile stands for, from the host facts. */
#pragma once

#include "host/host.h"
#include "policy/policy.h"

/* `ret` borrows from `host` and from `uid`, which holds the caller's id as text. */
void variables_of(const struct host *host, struct variables *ret, char uid[16]) __attribute__((nonnull));
