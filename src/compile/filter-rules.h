/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter-rules: what a call that is allowed may have as arguments. */
#pragma once

#include "compile/bpf.h"
#include "compile/filter.h"
#include "compile/syscalls.h"

enum { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_NETLINK = 4 };

struct rule_context {
	const struct filter_request *request;
	unsigned families; /* FAMILY_* that socket may open */
	bpf_label allow, deny, no_family;
};

/* False: under this request the rule has nothing to look at, and the call is allowed as it is. */
bool rule_needed(enum syscall_rule rule, const struct filter_request *request) __attribute__((nonnull));
/* Loads the low 32 bits of an argument, goes on at `next`. */
bpf_label rule_argument(struct bpf *b, unsigned argument, bpf_label next) __attribute__((nonnull));
/* Writes the block of a rule and returns its start. */
bpf_label rule_write(struct bpf *b, const struct rule_context *c, enum syscall_rule rule) __attribute__((nonnull));
