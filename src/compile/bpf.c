/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bpf: instructions, their labels, and jumps further than 8 bits reach. */
#include "compile/bpf.h"

#include <assert.h>

enum { FAR = 255 };

static bpf_label put(struct bpf *b, struct sock_filter instruction)
{
	assert(b->count < BPF_MAXINSNS);
	b->code[BPF_MAXINSNS - ++b->count] = instruction;
	return b->count;
}

/* A label that the next instruction can name in 8 bits, with room for one more jump between. */
static bpf_label near(struct bpf *b, bpf_label target)
{
	if (b->count - target < FAR)
		return target;
	return put(b, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, b->count - target));
}

/* What falls through must come directly before what it falls to. */
static void fall(struct bpf *b, bpf_label next)
{
	if (next != b->count)
		put(b, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, b->count - next));
}

bpf_label bpf_return(struct bpf *b, uint32_t value)
{
	return put(b, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

bpf_label bpf_load(struct bpf *b, size_t offset, bpf_label next)
{
	fall(b, next);
	return put(b, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

bpf_label bpf_mask(struct bpf *b, uint32_t mask, bpf_label next)
{
	fall(b, next);
	return put(b, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
}

bpf_label bpf_if(struct bpf *b, uint16_t test, uint32_t value, bpf_label yes, bpf_label no)
{
	yes = near(b, yes);
	no = near(b, no);
	return put(b, (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value, (uint8_t)(b->count - yes),
						   (uint8_t)(b->count - no)));
}

bpf_label bpf_if_among(struct bpf *b, const uint32_t *values, size_t count, bpf_label yes, bpf_label no)
{
	bpf_label next = no;

	for (size_t i = count; i > 0; i--)
		next = bpf_if(b, BPF_JEQ, values[i - 1], yes, next);
	return next;
}

void bpf_finish(const struct bpf *b, struct str *ret)
{
	str_add_bytes(ret, &b->code[BPF_MAXINSNS - b->count], b->count * sizeof b->code[0]);
}
