/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: look and list of the real host. */
#pragma once

#include "host/host.h"

void tree_look(const struct host *host, const char *path, struct node *ret);
void tree_list(const struct host *host, const char *path, struct strv *ret);
