/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* joining: sbx --join. */
#pragma once

#include "policy/argv.h"

/* Runs the command of the request in the sandbox that it names; the exit status. Prints its own errors. */
int join_sandbox(const struct request *request, char **environment) __attribute__((nonnull));
