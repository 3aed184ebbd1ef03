/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* denied: counts the system calls that the filter refused, by number. */
#pragma once

#include "run/run.h"

/* Takes one call from the listener, counts it, answers EPERM. */
void denied_answer(int listener, struct outcome *outcome) __attribute__((nonnull));
