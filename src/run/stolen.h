/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stolen: what the hypervisor of a virtual machine took. */
#pragma once

#include <sched.h>
#include <stdint.h>

/* Nanoseconds since boot in which one of these processors had work, but the hypervisor let others run; -1: not known.
 * The kernel tells it in steps of a hundredth of a second a processor. */
int64_t stolen_ns(const cpu_set_t *cpus) __attribute__((nonnull));
