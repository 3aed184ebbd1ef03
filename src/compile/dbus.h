/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dbus: what the parts of compile_dbus share. One program filters all buses of a sandbox; what a word of the profile
 * stands for is a table of its rules (dbus-words.c). */
#pragma once

#include "compile/context.h"

/* The options of the filter for this bus that the profile's words stand for: "--call=NAME=RULE" and the like. */
void dbus_words(const struct context *c, enum bus bus, struct strv *ret) __attribute__((nonnull));
/* portals.c: the identity by which the portals know the sandbox, and, where the profile has them, the files that the
 * user picks. An option of sbx for the filter is added to `ret`, whose root the portals look into. */
int compile_portals(struct context *c, const char *folder, struct strv *ret, struct err *e) __attribute__((nonnull));
