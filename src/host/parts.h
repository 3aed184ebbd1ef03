/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts: what host_read is made of. */
#pragma once

#include "host/host.h"

int host_read_caller(struct host *host, struct err *e) __attribute__((nonnull));
void host_read_folders(struct host *host) __attribute__((nonnull));
void host_name_services(struct host *host) __attribute__((nonnull)); /* after this process */
int host_read_kernel(struct host *host, struct err *e) __attribute__((nonnull));
void host_free_isolated(struct host *host) __attribute__((nonnull));
/* `len` bytes of `value` as an absolute path without slashes at the end, owned by the caller; NULL if it is not
 * absolute or has an empty, "." or ".." name in it. */
char *host_absolute(const char *value, size_t len) __attribute__((nonnull));
