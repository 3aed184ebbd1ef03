/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* instance: by what a second start of a program is known to be one (process.instances). */
#pragma once

#include "base/json.h"
#include "planned.h"

/* Does the policy say that something runs once? */
bool instance_is_single(const struct policy *policy) __attribute__((nonnull));
/* What the program of the command line is called, whatever name, link or path it is started by. Owned by the caller. */
char *instance_program(const struct planned *planned) __attribute__((nonnull));
/* Of the profile, and the program where each has its own sandbox, as a file name: what has the same one never runs
 * twice. Owned by the caller. */
char *instance_key(const struct planned *planned) __attribute__((nonnull));
/* For its record: the key, the program, and what was set, each as a digest. */
struct json *instance_json(const struct planned *planned) __attribute__((nonnull));
/* Fails where the one that runs, by its record, is another program, or may reach something else. */
int instance_compare(const struct planned *planned, const struct json *running, struct err *e)
	__attribute__((nonnull(1, 3)));
