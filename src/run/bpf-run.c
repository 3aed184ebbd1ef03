/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/bpf-run.h"

#include <linux/filter.h>
#include <string.h>

/* How far a jump goes; the test is true or false. */
static size_t jump(const struct sock_filter *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		return a == i->k ? i->jt : i->jf;
	case BPF_JGE:
		return a >= i->k ? i->jt : i->jf;
	default: /* JSET */
		return a & i->k ? i->jt : i->jf;
	}
}

uint32_t bpf_run(const char *bytes, size_t size, const struct seccomp_data *data)
{
	size_t count = size / sizeof(struct sock_filter);
	struct sock_filter i;
	uint32_t a = 0;

	for (size_t at = 0; at < count; at++) {
		memcpy(&i, bytes + at * sizeof i, sizeof i);
		switch (i.code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i.k > sizeof *data - sizeof a)
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *)data + i.k, sizeof a);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i.k;
			break;
		case BPF_JMP | BPF_JA:
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			at += jump(&i, a);
			break;
		case BPF_RET | BPF_K:
			return i.k;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}
