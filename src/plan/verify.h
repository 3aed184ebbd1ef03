/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: what its parts share; the promise is plan_verify's. */
#pragma once

#include "plan/plan.h"

/* Absolute, no empty, "." or ".." name, no slash at the end. */
bool verify_normal(const char *path) __attribute__((nonnull));
/* Texts ended by NUL, none of them empty, at most `most`. */
bool verify_texts(const char *data, uint32_t size, size_t most) __attribute__((nonnull));
/* verify-services.c: services, and what they find, have a folder, and operands that run/ can take as they are. */
int verify_services(const struct plan *plan, struct err *e) __attribute__((nonnull));
