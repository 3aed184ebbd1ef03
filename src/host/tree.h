/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: look, list, look_fd, is_kernels and kernels of the real host. */
#pragma once

#include "host/host.h"

void tree_look(const struct host *host, const char *path, struct node *ret);
enum node_type tree_look_fd(const struct host *host, int fd);
void tree_list(const struct host *host, const char *path, struct strv *ret);
bool tree_is_kernels(const struct host *host, const char *path);
int tree_kernels(const struct host *host, struct strv *ret);
