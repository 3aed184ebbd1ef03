/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* share: which steps of a plan build what many runs can have in common, the template: the outer user namespace and the
 * part of the view that no payload can change. A run made from a template does only the others: it mounts the folders
 * that can be written, and /proc, anew in mount, pid and IPC namespaces of its own. run/template.c has the rest. */
#pragma once

#include "plan/plan.h"

/* Of a step; one may have both of the first. NEVER: others do what it is for. */
enum { SHARE_TEMPLATE = 1, SHARE_RUN = 2, SHARE_NEVER = 4 };

/* Marks each of the plan's steps. ENOTSUP, with the reason: this plan has to be done as a whole. */
int share_marks(const struct plan *plan, uint8_t *ret_marks, struct err *e) __attribute__((nonnull));
/* CLONE_NEW* flags of what the template makes, and of what each run makes. */
uint64_t share_template_namespaces(const struct plan *plan) __attribute__((nonnull));
uint64_t share_run_namespaces(const struct plan *plan) __attribute__((nonnull));
/* Appends bytes that are the same for two plans if, and only if, one template serves both, as long as their paths lead
 * to the same things. */
void share_key(const struct plan *plan, const uint8_t *marks, struct str *ret) __attribute__((nonnull));
