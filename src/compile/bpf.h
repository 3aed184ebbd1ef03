/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bpf: writes a filter program from its end to its start, so that every jump goes to what is already there. */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Zero-initialise `count`; the instructions lie at the end of `code`. */
struct bpf {
	unsigned count;
	struct sock_filter code[BPF_MAXINSNS];
};

/* An instruction that was written: its place, counted from the end of the program. */
typedef unsigned bpf_label;

/* Each writes the instruction that comes before all those written so far, and returns its label. A program that would
 * be longer than the kernel takes is a mistake of the caller's: the process aborts. Far jumps become two. */
bpf_label bpf_return(struct bpf *b, uint32_t value) __attribute__((nonnull));
/* Loads 32 bits at `offset` of struct seccomp_data, goes on at `next`. */
bpf_label bpf_load(struct bpf *b, size_t offset, bpf_label next) __attribute__((nonnull));
/* Keeps only the bits of `mask` of what is loaded, goes on at `next`. */
bpf_label bpf_mask(struct bpf *b, uint32_t mask, bpf_label next) __attribute__((nonnull));
/* `test`: BPF_JEQ, BPF_JGE or BPF_JSET of what is loaded and `value`. */
bpf_label bpf_if(struct bpf *b, uint16_t test, uint32_t value, bpf_label yes, bpf_label no) __attribute__((nonnull));
/* True if what is loaded is one of the values; `no` itself if there are none. */
bpf_label bpf_if_among(struct bpf *b, const uint32_t *values, size_t count, bpf_label yes, bpf_label no)
	__attribute__((nonnull(1)));

/* Appends the program, in the order in which it runs. */
void bpf_finish(const struct bpf *b, struct str *ret) __attribute__((nonnull));
