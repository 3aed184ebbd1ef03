/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box: files are carried into the sandbox before the payload runs, and out of it when all its processes are dead. A
 * child of the monitor does it, the carrier: in the sandbox's outer user namespace, where it has the rights over the
 * payload's files that the caller may not have, and no others. It is in no cgroup of the sandbox, and its time is not
 * counted. */
#pragma once

#include "run/monitor.h"

/* Each does nothing, and succeeds, where the plan has no box. */
/* Opens and locks the box. */
int box_open(struct monitor *m, struct err *e) __attribute__((nonnull));
/* Whether init has handed over what the carrier needs. */
bool box_arrived(const struct monitor *m) __attribute__((nonnull));
/* Carries in. Only before the payload is made. */
int box_fill(struct monitor *m, struct err *e) __attribute__((nonnull));
/* To be asked when all processes are dead: whether nothing more fitted into the box. */
bool box_is_full(const struct monitor *m) __attribute__((nonnull));
/* Carries out. Only when all processes are dead. A failure is never the payload's. Fills outcome->box. */
int box_keep(struct monitor *m, struct err *e) __attribute__((nonnull));
void box_close(struct monitor *m) __attribute__((nonnull));
