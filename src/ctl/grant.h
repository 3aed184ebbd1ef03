/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grant: what was changed in a sandbox since it runs, for whoever shows it. */
#pragma once

#include "ctl/ctl.h"
#include "live/live.h"

/* A line for each grant, and for each limit; and the members "grants" and "limits" of an item. */
int grant_show(const struct ctl *ctl, const struct live_entry *entry, struct json *item, struct str *out, struct err *e)
	__attribute__((nonnull));
