/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compile/filter-record.h"

#include <linux/seccomp.h>

#include "base/mem.h"
#include "plan/plan.h"

/* openat2 is not among them: no filter allows it. */
static const uint16_t rows[] = {ROW_open, ROW_openat, ROW_creat, ROW_execve, ROW_execveat};

bool filter_records(const struct filter_request *request, unsigned row)
{
	for (size_t i = 0; request->record && i < countof(rows); i++)
		if (rows[i] == row)
			return true;
	return false;
}

bpf_label filter_record_rules(struct bpf *b, const struct rule_context *c, bpf_label ret[RULE_COUNT])
{
	struct rule_context told = *c;
	bpf_label mark;

	if (!c->request->record)
		return c->allow;
	ret[RULE_NONE] = told.allow = bpf_return(b, SECCOMP_RET_USER_NOTIF);
	for (size_t i = 0; i < countof(rows); i++) {
		enum syscall_rule rule = (enum syscall_rule)syscall_rows[rows[i]].rule;

		if (rule_needed(rule, c->request))
			ret[rule] = rule_write(b, &told, rule);
	}
	/* nobody could answer the exec of the payload: whoever listens stands still until it is done */
	mark = bpf_if(b, BPF_JEQ, PLAN_EXEC_MARK, c->allow, told.allow);
	return rule_argument(b, PLAN_EXEC_MARK_ARGUMENT, mark);
}
