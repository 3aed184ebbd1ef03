/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw: what no function of libc can do. Results are those of the kernel: negative errno on failure. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "base/sys.h"

/* clone3 with a stack of its own (args->stack): the new process calls function(arg), which must not return. With
 * CLONE_VFORK the caller goes on when it has executed a program or ended. */
static inline long raw_clone3(const struct sys_clone_args *args, int (*function)(void *), void *arg)
{
#if defined(__x86_64__)
	long result = SYS_clone3;

	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "movq %[arg], %%rdi\n\t"
			 "callq *%[function]\n\t"
			 "hlt\n"
			 "1:"
			 : "+a"(result)
			 : "D"(args), "S"(sizeof *args), [function] "r"(function), [arg] "r"(arg)
			 : "rcx", "r11", "memory", "cc");
	return result;
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_clone3;
	register long result __asm__("x0") = (long)args;
	register size_t size __asm__("x1") = sizeof *args;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x0, %[arg]\n\t"
			 "blr %[function]\n\t"
			 "brk #0\n"
			 "1:"
			 : "+r"(result)
			 : "r"(size), "r"(number), [function] "r"(function), [arg] "r"(arg)
			 : "memory", "cc");
	return result;
#else
#error "clone3 on a stack of its own is written for x86-64 and aarch64"
#endif
}

/* Any system call, for a program without libc. */
static inline long raw_call(long number, long a, long b, long c, long d, long f)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = f;

	__asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return number;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
#endif
}
