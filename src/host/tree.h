/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: look, list and look_fd of the real host. */
#pragma once

#include "host/host.h"

void tree_look(const struct host *host, const char *path, struct node *ret);
enum node_type tree_look_fd(const struct host *host, int fd);
void tree_list(const struct host *host, const char *path, struct strv *ret);
