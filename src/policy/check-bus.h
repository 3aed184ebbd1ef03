/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check-bus: the part of policy_check that is about the buses, and what it shares with the rest. */
#pragma once

#include "policy/check.h"

/* Each setting of a bus that is not filtered, and each name behind which the sandbox would end. */
void check_buses(const struct policy *p, struct errlist *errors) __attribute__((nonnull));

/* check.c: adds "ORIGIN: SECTION.KEY: TEXT". */
void check_broken(struct errlist *errors, enum setting_id id, const struct value *value, const char *text)
	__attribute__((nonnull));
/* The newest value of a list, or the scalar; NULL if there is none, or only the table's. */
const struct value *check_newest(const struct policy *p, enum setting_id id) __attribute__((nonnull));
/* True if `switched` was decided on at the layer of `value` or before: a later layer that takes a whole thing away
 * need not take each of its details away too. */
bool check_decided_before(const struct policy *p, enum setting_id switched, const struct value *value)
	__attribute__((nonnull));
