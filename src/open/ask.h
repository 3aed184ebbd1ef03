/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ask: a question to the caller, in a window of another program. */
#pragma once

#include "base/err.h"

/* 0: yes. EPERM: no, or no answer within a minute; ENOENT: there is nothing to ask with. `what` has no line end. */
int ask(const char *asker, const char *what, const char *profile, const char *path, struct err *e)
	__attribute__((nonnull(1, 2, 3, 5)));
