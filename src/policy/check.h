/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check: rules between settings, as a table of condition and message. */
#pragma once

#include "policy/policy.h"

/* Adds an error, with the origin of the offending value, for every rule that is broken. */
void policy_check(const struct policy *p, struct errlist *errors) __attribute__((nonnull));
