/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message: what sbx says on standard error, one line a thing, everything that strangers wrote escaped. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "run/run.h"

/* The name before every line; "sbx" without it. `name` is borrowed for good. */
void message_name(const char *name) __attribute__((nonnull));
/* "sbx: TEXT", and "sbx: hint: HINT" if there is one. Colour only on a terminal. */
void message_error(const struct err *e) __attribute__((nonnull));
/* A line if a limit ended the command; nothing otherwise. */
void message_limit(const struct outcome *outcome) __attribute__((nonnull));
/* A line if something that the command has saved could not be kept. */
void message_kept(const struct outcome *outcome) __attribute__((nonnull));
/* What the command used, for --verbose. */
void message_outcome(const struct outcome *outcome) __attribute__((nonnull));
/* The text of --version. */
void message_version(struct str *out) __attribute__((nonnull));
