/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* open: links and files that programs in other sandboxes open. The picture is in open/open.h. */
#pragma once

#include "compile/context.h"
#include "open/open.h"

/* Where GLib looks for what opens links. */
#define OPEN_DATA "/run/sbx/share"

/* The folder on the host of files that go from one sandbox to another; NULL: there is none. Owned by the caller. */
char *compile_copies(const struct context *c);
