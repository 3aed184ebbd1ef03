/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* compile: policy and host facts become the plan; every decision is taken here and nowhere else. Pure. */
#pragma once

#include "host/host.h"
#include "plan/plan.h"
#include "policy/policy.h"

/* `command` is the payload's argv, NULL-terminated, never empty. On failure the text starts with the origin of the
 * value that can't be satisfied, and nothing of `ret` is to be used but plan_done. */
int compile_plan(const struct policy *policy, const struct host *host, char *const *command, struct plan *ret,
		 struct err *e) __attribute__((nonnull));
/* The normal absolute path of a file that a word of a command line may name, relative ones from the caller's working
 * directory, of file:///a%20b the decoded one; NULL: it names none. Owned by the caller. */
char *compile_argument_path(const struct host *host, const char *word) __attribute__((nonnull));
/* The same path as such a URI. Owned by the caller. */
char *compile_argument_uri(const char *path) __attribute__((nonnull));
bool compile_argument_is_uri(const char *word) __attribute__((nonnull));
/* True if the plan for this policy needs host_read_cgroups, or host_read_display, first. */
bool compile_needs_cgroups(const struct policy *policy) __attribute__((nonnull));
bool compile_can_be_bare(const struct policy *policy) __attribute__((nonnull));    /* host_try_namespaces */
bool compile_has_services(const struct policy *policy) __attribute__((nonnull));   /* likewise, behind the gate */
bool compile_needs_many_ids(const struct policy *policy) __attribute__((nonnull)); /* host_read_many_ids */
bool compile_needs_isolated(const struct policy *policy) __attribute__((nonnull)); /* host_read_isolated */
/* Whether a sandbox can have the id that host_read_isolated has chosen, and what mends it. An ordinary caller's is
 * mapped by two programs, which are setuid and know what /etc/subuid gives to whom. */
int compile_may_isolate(const struct host *host, struct err *e) __attribute__((nonnull));
bool compile_needs_counters(const struct policy *policy) __attribute__((nonnull)); /* host_try_counters */
bool compile_needs_display(const struct policy *policy) __attribute__((nonnull));
bool compile_isolates_x11(const struct policy *policy) __attribute__((nonnull));     /* host_ask_x11 */
bool compile_isolates_wayland(const struct policy *policy) __attribute__((nonnull)); /* host_ask_wayland */
