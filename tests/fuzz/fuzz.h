/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz: what the targets share. A target gets any bytes and must neither crash nor find a check broken. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

/* The self-test: each target has one check that is wrong then, and the replay must find it. */
extern bool fuzz_wrong;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__attribute__((noreturn)) void fuzz_fail(const char *file, int line, const char *text);
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

/* Input that is taken apart from its start; what is behind the end is 0. */
struct fuzz_bytes {
	const uint8_t *next, *end;
};
uint64_t fuzz_take(struct fuzz_bytes *bytes, unsigned size) __attribute__((nonnull)); /* at most 8, low byte first */

/* One part of the input: up to the next NUL, or the end. Not NUL-terminated; returns false at the end. */
struct fuzz_part {
	const char *text;
	size_t size;
};
bool fuzz_next_part(struct fuzz_bytes *bytes, struct fuzz_part *ret) __attribute__((nonnull));

/* Absolute, every name of it is one, no '/' at the end; "/" itself if `root`. */
bool fuzz_is_normal(const char *path, bool root) __attribute__((nonnull));

/* What holds of every policy, whatever it was made of. */
void fuzz_check_policy(const struct policy *policy) __attribute__((nonnull));
/* The same of one that policy_check found nothing wrong with. */
void fuzz_check_checked(const struct policy *policy) __attribute__((nonnull));
/* Every error says what it is about. */
void fuzz_check_errors(const struct errlist *errors) __attribute__((nonnull));
/* The variables of a caller who has everything. */
extern const struct variables fuzz_variables;
