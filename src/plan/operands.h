/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* operands: what the fields of a step mean, and how a human reads them. */
#pragma once

#include "plan/plan.h"

enum operand_format {
	FORMAT_NONE,
	FORMAT_NUMBER,
	FORMAT_FLAG, /* 1, or not printed */
	FORMAT_MODE, /* octal */
	FORMAT_BYTES,
	FORMAT_TIME,   /* nanoseconds */
	FORMAT_MOUNT,  /* MOUNT_ATTR_* */
	FORMAT_CLONE,  /* CLONE_NEW* */
	FORMAT_FS,     /* LANDLOCK_ACCESS_FS_* */
	FORMAT_NET,    /* LANDLOCK_ACCESS_NET_*, scopes in the upper half */
	FORMAT_EXPECT, /* BIND_* */
	FORMAT_STDIO,  /* enum stdio_plan */
	FORMAT_TEXT,   /* data: one text */
	FORMAT_TEXTS,  /* data: texts ended by NUL */
	FORMAT_NAMES,  /* data: NAME=VALUE ended by NUL; only the names */
	FORMAT_FILTER, /* data: struct sock_filter each */
	FORMAT_GROUPS, /* data: gid_t each */
};

struct operands {
	const char *a, *b; /* names of the texts; NULL: not used */
	struct {
		const char *name;
		enum operand_format format;
	} n, m, data;
};
extern const struct operands operands[STEP_COUNT];

/* Appends a number or the bytes of a step as a human reads it. */
void operand_number(struct str *out, enum operand_format format, uint64_t value) __attribute__((nonnull));
/* Of data that are no texts and no groups: the number of what they are made of, instructions or bytes. */
size_t operand_count(enum operand_format format, size_t size);
/* The group that lies there. */
uint32_t operand_group(const char *bytes) __attribute__((nonnull));
void operand_data(struct str *out, enum operand_format format, const char *bytes, size_t size) __attribute__((nonnull));
