/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bpf-run: what a filter of a plan says to a call. */
#pragma once

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* SECCOMP_RET_*; KILL_PROCESS for a program with an instruction that no filter of sbx has. `bytes` need no alignment.
 */
uint32_t bpf_run(const char *bytes, size_t size, const struct seccomp_data *data) __attribute__((nonnull));
