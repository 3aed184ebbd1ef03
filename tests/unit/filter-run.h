/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter-run: builds filters and runs them by a small interpreter, which fails the test where a program is not sound.
 */
#pragma once

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "compile/filter.h"
#include "compile/syscalls.h"

#if defined __x86_64__
enum { NATIVE = AUDIT_ARCH_X86_64, OTHER = AUDIT_ARCH_AARCH64 };
#else
enum { NATIVE = AUDIT_ARCH_AARCH64, OTHER = AUDIT_ARCH_X86_64 };
#endif
enum {
	ALLOW = SECCOMP_RET_ALLOW,
	DENY = SECCOMP_RET_ERRNO | EPERM,
	ABSENT = SECCOMP_RET_ERRNO | ENOSYS,
	NO_FAMILY = SECCOMP_RET_ERRNO | EAFNOSUPPORT,
	KILL = SECCOMP_RET_KILL_PROCESS,
	NOTIFY = SECCOMP_RET_USER_NOTIF,
};

static inline uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t value;

	assert_true(offset <= sizeof *data - sizeof value && offset % sizeof value == 0);
	memcpy(&value, (const char *)data + offset, sizeof value);
	return value;
}

static inline uint32_t interpret(const struct sock_filter *code, size_t count, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *i = &code[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(data, i->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu has code 0x%x", pc, i->code);
		}
	}
	fail_msg("the end was passed");
	return 0;
}

static inline uint32_t run(const struct str *program, struct seccomp_data data)
{
	return interpret((const struct sock_filter *)(const void *)program->s,
			 program->len / sizeof(struct sock_filter), &data);
}

static inline void build(const struct filter_request *request, struct str *ret)
{
	struct err e = {0};

	if (filter_build(request, ret, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(ret->len > 0 && ret->len % sizeof(struct sock_filter) == 0);
	assert_true(ret->len / sizeof(struct sock_filter) <= BPF_MAXINSNS);
}

/* The answer to one call with up to four arguments. */
static inline uint32_t ask(const struct filter_request *request, const char *name, const uint64_t *argument)
{
	enum syscall_id row = syscall_find(name);
	struct seccomp_data data = {.arch = NATIVE};
	autostr struct str program = {0};

	assert_int_not_equal(row, SYSCALL_COUNT);
	data.nr = syscall_number(&syscall_rows[row]);
	assert_true(data.nr >= 0);
	memcpy(data.args, argument, 4 * sizeof data.args[0]);
	build(request, &program);
	return run(&program, data);
}
#define ASK(request, name, ...) ask(request, name, (const uint64_t[4]){__VA_ARGS__})
