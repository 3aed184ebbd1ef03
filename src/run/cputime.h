/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cputime: processor time of all living processes of a sandbox where no cgroup counts it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds used by the descendants of `init`, those they waited for included (these in ticks of the kernel). What
 * was reaped by init itself is not in it until init ends. */
int64_t cputime_tree(pid_t init);
