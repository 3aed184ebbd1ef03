/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* devices: what others ask of the devices. */
#pragma once

#include "compile/context.h"

/* The sandbox has terminal devices of its own. */
bool compile_has_terminals(const struct context *c) __attribute__((nonnull));
