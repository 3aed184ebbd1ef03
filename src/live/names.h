/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names: the files of the folder. */
#pragma once

enum { LIVE_NAME_MAX = 128 };
#define LIVE_LOCK ".lock"
#define LIVE_RECORD ".json"
#define LIVE_PLAN ".plan"

/* All files of a name whose lock the caller has. */
void live_remove(int folder, const char *name) __attribute__((nonnull));
