/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* denied: counts the system calls that the filter refused, by number. */
#pragma once

#include "run/monitor.h"

/* Takes one call from the listener, counts it, answers EPERM; one that is told only for the list of what is opened goes
 * on. */
void denied_answer(struct monitor *m) __attribute__((nonnull));
