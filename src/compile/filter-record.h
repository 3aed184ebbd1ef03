/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter-record: calls that open by a path are told to a listener, where they would be allowed. */
#pragma once

#include "compile/filter-rules.h"

/* Is a row told under this request, wherever it is allowed? */
bool filter_records(const struct filter_request *request, unsigned row) __attribute__((nonnull));
/* Writes the blocks of such rows, by their rule (RULE_NONE: no rule is needed) into `ret`, and returns that of execve.
 * Nothing is written, where the request records nothing. */
bpf_label filter_record_rules(struct bpf *b, const struct rule_context *c, bpf_label ret[RULE_COUNT])
	__attribute__((nonnull));
